/** @file `limbeck tutorial`: a teacher, a student alone, and the same student distilled in three ways. */
import type { Command } from "commander";
import { commandSettings } from "../../experiment/settings/index.ts";
import type { RunRecord } from "../../experiment/index.ts";
import { shellWords } from "../../shell-words.ts";
import { addTraining, parsedOptions, type OutputOptions } from "../options.ts";

export function addTutorial(command: Command): void {
  command.description(
    "Trains a teacher, a student alone and the same student with the teacher's help in three ways, and compares them in a report.",
  );
  addTraining(command, commandSettings.tutorial)
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck tutorial\n  limbeck tutorial cifar10\n  limbeck tutorial cifar10 --recipe best",
    )
    .action(tutorial);
}

async function tutorial(dataset: string | undefined, output: OutputOptions, command: Command): Promise<void> {
  const [{ runExperiment }, { tutorialCommand }, { calledAs }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
    import("../command-line.ts"),
  ]);
  await runExperiment({
    command: "tutorial",
    options: parsedOptions(command, commandSettings.tutorial, dataset),
    output,
    isBrief: true,
    next: (folder, { config, runs }) => [
      // A teacher that is given knows these images.
      ...(config.dataset === "shapes" && !("teacher" in config)
        ? ([["the same on photographs", tutorialCommand(config, { dataset: "cifar10" })]] as const)
        : []),
      ["does it hold with another seed?", tutorialCommand(config, { seed: config.seed + 1 })],
      [
        "ship the best student, as a folder for a web page",
        `${calledAs("export")} ${shellWords([`${folder}/${bestStudent(runs).name}`])}`,
      ],
    ],
  });
}

function bestStudent(runs: readonly RunRecord[]): RunRecord {
  return runs.slice(1).reduce((best, run) => (run.test.accuracy > best.test.accuracy ? run : best), runs.at(-1)!);
}
