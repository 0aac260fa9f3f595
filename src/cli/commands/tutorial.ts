/** @file `limbeck tutorial`: a teacher, a student alone, and the same student distilled in three ways. */
import type { Command } from "commander";
import { path } from "../option-values.ts";
import {
  addDataOptions,
  addOutputOptions,
  addPictureOptions,
  addTrainingOptions,
  type DataOptions,
  type OutputOptions,
  type PictureOptions,
  type TrainingOptions,
} from "../options.ts";

export function addTutorial(program: Command): void {
  const command = program
    .command("tutorial")
    .summary("train a teacher, a student alone and three distilled students, and compare them")
    .description(
      "Trains a teacher, a student alone, and the same student distilled by soft targets, by the cosine loss " +
        "and with a regressor; compares them and writes a report. About a minute on two cores. " +
        "--recipe best compares the best we know in their place: see limbeck list recipes best.",
    )
    .option(
      "--teacher <file>",
      "use these weights (safetensors, or a run's folder) instead of training the teacher: DeepNN's, or of any network for --recipe best",
      path,
    )
    .option("--force", "use them even if that teacher does no better than guessing, or was trained on other data");
  addOutputOptions(addTrainingOptions(addPictureOptions(addDataOptions(command))))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck tutorial\n  limbeck tutorial cifar10 --data-dir cifar-10-batches-bin\n" +
        "  limbeck tutorial --limit 500 --epochs 1        a quick look\n" +
        "  limbeck tutorial cifar10 --recipe best\n" +
        "  limbeck tutorial --resume runs/2026-01-31-154502-tutorial-shapes",
    )
    .action(tutorial);
}

type Options = DataOptions &
  PictureOptions &
  TrainingOptions &
  OutputOptions & { readonly teacher?: string; readonly force?: boolean };

async function tutorial(dataset: string | undefined, { out, resume, json, ...settings }: Options): Promise<void> {
  const [{ runExperiment }, { evaluateCommand, tutorialCommand }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
  ]);
  await runExperiment({
    command: "tutorial",
    options: { ...settings, ...(dataset !== undefined && { dataset }) },
    output: { out, resume, json },
    next: (folder, { config, runs }) => [
      ["the same with another seed", tutorialCommand(config, { seed: config.seed + 1 })],
      ...(config.dataset === "shapes"
        ? ([["the same on photographs", tutorialCommand(config, { dataset: "cifar10" })]] as const)
        : []),
      [
        "the saved student, tested again",
        evaluateCommand(`${folder}/${runs.at(-1)!.name}/model.safetensors`, config, { model: runs.at(-1)!.model }),
      ],
    ],
  });
}
