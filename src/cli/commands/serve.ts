/** @file `limbeck serve`: a page on this machine that classifies pictures. */
import type { Command } from "commander";
import type { EngineRequest } from "../../engine/engines.ts";
import { printable } from "../../printable.ts";
import { checkNames, whole } from "../../experiment/settings/index.ts";
import { addNetworkOptions, addRun, forceOption, read } from "../options.ts";
import { jsonLine, print, printMessage } from "../output.ts";

export function addServe(command: Command): void {
  const described = command.description(
    "Opens a page where you drop a picture or use the camera, and the run's student and teacher classify it. " +
      "Only this machine can open it; its address holds a new secret each time. Ctrl-C ends it.",
  );
  addRun(described)
    .option("--port <n>", "port on 127.0.0.1 (default: a free one)", read(whole(1, 65_535)))
    .addOption(forceOption())
    .option("--json", "print the address as JSON")
    .addHelpText("after", "\nExamples:\n  limbeck serve runs/birds\n  limbeck serve student.safetensors --port 8080")
    .action(serveRun);
  addNetworkOptions(command);
}

interface Options {
  readonly port?: number;
  readonly model?: string;
  readonly method?: string;
  readonly teacherModel?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly engine?: EngineRequest;
  readonly threads?: number;
}

async function serveRun(run: string, options: Options): Promise<void> {
  const { serve } = await import("../serve/serve.ts");
  checkNames(options);
  await serve(run, options, async (served) => {
    for (const why of served.missing) printMessage(printable(why));
    await print(options.json ? jsonLine(served) : served.address);
    if (!options.json) printMessage("Open this address in a browser of this machine. Ctrl-C ends it.");
  });
}
