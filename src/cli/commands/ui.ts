/** @file `limbeck ui`: a page on this machine that shows runs and studies as they go. */
import type { Command } from "commander";
import { path, whole } from "../../experiment/settings/index.ts";
import { read } from "../options.ts";
import { jsonLine, print, printMessage } from "../output.ts";

export function addUi(command: Command): void {
  command
    .description(
      "Opens a page with the runs and studies in a folder as they go: curves, speed, time left, results so far. " +
        "Only this machine can open it; its address holds a new secret each time. Ctrl-C ends the page, not the trainings.",
    )
    .argument("[dir]", "folder with runs or studies; it may not exist yet", read(path), ".")
    .option("--port <n>", "port on 127.0.0.1 (default: a free one)", read(whole(1, 65_535)))
    .option("--json", "print the address as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck ui runs\n  limbeck ui studies/first --port 8080\n\n" +
        "From another machine, forward the port: ssh -L 8080:127.0.0.1:8080 HOST, and open the address that is printed.",
    )
    .action(ui);
}

async function ui(dir: string, { port = 0, json = false }: { port?: number; json?: boolean }): Promise<void> {
  const { showFolder } = await import("../ui/ui.ts");
  await showFolder(dir, port, async (address) => {
    await print(json ? jsonLine({ address }) : address);
    if (!json) printMessage("Open this address in a browser of this machine. Ctrl-C ends the page, not the trainings.");
  });
}
