/** @file `limbeck tutorial`: a teacher, a student alone, and the same student distilled in three ways. */
import type { Command } from "commander";
import { commandSettings } from "../../experiment/config.ts";
import { addTraining, givenOf, type OutputOptions } from "../options.ts";

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
  const [{ runExperiment }, { evaluateCommand, tutorialCommand }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
  ]);
  await runExperiment({
    command: "tutorial",
    given: givenOf(command, commandSettings.tutorial, dataset),
    output,
    next: (folder, { config, runs }) => [
      ["the same with another seed", tutorialCommand(config, { seed: config.seed + 1 })],
      // A teacher that is given knows these images.
      ...(config.dataset === "shapes" && !("teacher" in config)
        ? ([["the same on photographs", tutorialCommand(config, { dataset: "cifar10" })]] as const)
        : []),
      [
        "the saved student, tested again",
        evaluateCommand(`${folder}/${runs.at(-1)!.name}/model.safetensors`, config, { model: runs.at(-1)!.model }),
      ],
    ],
  });
}
