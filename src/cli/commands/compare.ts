/** @file `limbeck compare`: finished runs and studies beside each other. */
import type { Command } from "commander";
import { path } from "../../experiment/settings/values.ts";
import { formOption, repeated, type Form } from "../options.ts";
import { print } from "../output.ts";

export function addCompare(command: Command): void {
  command
    .description(
      "Compares what is finished: mean and deviation over seeds, the gain over the student alone on the same seeds, and how sure that is.",
    )
    .argument("<dir...>", "folders of studies, or of runs of limbeck distill and train", repeated(path))
    .addOption(formOption())
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck compare studies/first\n  limbeck compare runs/kd-1 runs/kd-2 runs/dist-1 --format markdown\n" +
        "  limbeck compare studies/first --format latex > table.tex",
    )
    .action(compare);
}

async function compare(folders: readonly string[], { format }: { readonly format: Form }): Promise<void> {
  const [{ compareFolders }, { written }] = await Promise.all([
    import("../../study/node/index.ts"),
    import("../study-table.ts"),
  ]);
  await print(written(await compareFolders(folders), format));
}
