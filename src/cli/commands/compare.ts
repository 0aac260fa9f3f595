/** @file `limbeck compare`: finished runs and studies beside each other. */
import type { Command } from "commander";
import { path } from "../../experiment/settings/index.ts";
import { addForms, comparisonForms, formOf, type FormOptions } from "../forms.ts";
import { read, repeated } from "../options.ts";
import { print, printMessage } from "../output.ts";

export function addCompare(command: Command): void {
  addForms(command, comparisonForms)
    .description(
      "Compares what is finished: mean and deviation over seeds, the gain over the student alone on the same seeds, and how sure that is.",
    )
    .argument("<dir...>", "folders of studies, or of runs of limbeck distill and train", repeated(path))
    .option("--report <file>", "also write the comparison as a page, an HTML file", read(path))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck compare studies/first\n  limbeck compare runs/kd-1 runs/kd-2 runs/dist-1 --markdown\n" +
        "  limbeck compare studies/first --latex > table.tex\n  limbeck compare runs/kd-1 runs/kd-2 --report kd.html",
    )
    .action(compare);
}

async function compare(
  folders: readonly string[],
  { report, ...forms }: FormOptions & { readonly report?: string },
): Promise<void> {
  const [{ compareFolders }, { written }, { writeComparison }] = await Promise.all([
    import("../../study/node/index.ts"),
    import("../study-table.ts"),
    import("../study-report-file.ts"),
  ]);
  const found = await compareFolders(folders);
  if (report !== undefined) await writeComparison(report, folders, found);
  await print(written(found.groups, formOf(forms)));
  if (report !== undefined) printMessage(`Report: ${report}`);
}
