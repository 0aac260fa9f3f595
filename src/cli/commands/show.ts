/** @file `limbeck show`: what a folder holds. */
import type { Command } from "commander";
import { path } from "../../experiment/settings/index.ts";
import { read } from "../options.ts";
import { jsonLine, print } from "../output.ts";

export function addShow(command: Command): void {
  command
    .description(
      "Shows what a folder holds: a run of limbeck train, distill or tutorial, a study, an exported student or the cache; " +
        "whether it is done, who works on it, and the command that continues it. It changes nothing.",
    )
    .argument("<dir>", "the folder", read(path))
    .option("--json", "print JSON on stdout")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck show runs/birds\n  limbeck show studies/first\n  limbeck show studies/first --json",
    )
    .action(show);
}

async function show(folder: string, { json = false }: { readonly json?: boolean }): Promise<void> {
  const { folderContents } = await import("../folder-contents.ts");
  const { asText, asJson } = await folderContents(folder);
  await print(json ? jsonLine(asJson()) : asText());
}
