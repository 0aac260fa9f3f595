/** @file `limbeck serve`: a page on this machine that says what pictures show. */
import type { Command } from "commander";
import { anEngineName } from "../../experiment/settings/data.ts";
import type { EngineRequest } from "../../engine/engines.ts";
import { printable } from "../../printable.ts";
import { path, whole } from "../../experiment/settings/values.ts";
import { read } from "../options.ts";
import { jsonLine, print, printMessage } from "../output.ts";

export function addServe(command: Command): void {
  command
    .description(
      "Serves a page on this machine alone: drop a picture or use the camera, and see what the run's network says of it, and\n" +
        "its teacher where the run has one. The address holds a secret, new each time. Ctrl-C ends it.",
    )
    .argument(
      "<run>",
      "folder of a run, of which the student or the model is taken, or a weights file of Limbeck's",
      read(path),
    )
    .option("--port <n>", "port of 127.0.0.1 (default: any that is free)", read(whole(1, 65_535)))
    .option(
      "--model <file>",
      "the module that gives its model, for a network that says it needs it: ./net.ts",
      read(path),
    )
    .option("--method <file>", "the module that gives its method, likewise", read(path))
    .option("--teacher-model <file>", "the module that gives its teacher's model, likewise", read(path))
    .option("--force", "take a module that has changed since the weights were made")
    .option("--json", "print the address as JSON on stdout")
    .option("--engine <name>", `the engine that computes: ${anEngineName}`)
    .option("--threads <n>", "threads of the wasm engine (default: all cores)", read(whole(1, 256)))
    .addHelpText("after", "\nExamples:\n  limbeck serve runs/birds\n  limbeck serve student.safetensors --port 8080")
    .action(serveRun);
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
  const [{ checkNames }, { serve }] = await Promise.all([
    import("../../experiment/check-names.ts"),
    import("../serve/serve.ts"),
  ]);
  checkNames(options);
  await serve(run, options, async (served) => {
    for (const why of served.missing) printMessage(printable(why));
    await print(options.json ? jsonLine(served) : served.address);
    if (!options.json) printMessage("Open this address in a browser of this machine. Ctrl-C ends it.");
  });
}
