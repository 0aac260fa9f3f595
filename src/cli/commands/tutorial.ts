/** @file `limbeck tutorial`: a teacher, a student alone, and the same student taught in three ways. */
import type { Command } from "commander";
import { addDataOptions, addOutputOptions, path, type DataOptions, type OutputOptions } from "../options.ts";
import { addTrainingOptions, type TrainingOptions } from "../training-options.ts";
import { calledAs, shellWords } from "../terminal.ts";

export function addTutorial(program: Command): void {
  const command = program
    .command("tutorial")
    .summary("train a teacher, a student alone and three taught students, and compare them")
    .description(
      "Trains a teacher, a student alone, and the same student taught by soft targets, by the cosine loss\n" +
        "and through a regressor; compares them and writes a report. About two minutes on two cores.",
    )
    .option("--teacher <file>", "take these weights (safetensors) instead of training the teacher", path);
  addOutputOptions(addTrainingOptions(addDataOptions(command)))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck tutorial\n  limbeck tutorial --dataset cifar10 --data-dir cifar-10-batches-bin\n" +
        "  limbeck tutorial --limit 500 --epochs 1        a quick look\n" +
        "  limbeck tutorial --resume runs/2026-01-31-154502-tutorial-shapes",
    )
    .action(tutorial);
}

type Options = DataOptions & TrainingOptions & OutputOptions & { readonly teacher?: string };

async function tutorial({ out, resume, json, ...given }: Options): Promise<void> {
  const { runExperiment } = await import("../run-experiment.ts");
  await runExperiment({
    command: "tutorial",
    given,
    output: { out, resume, json },
    next: (folder, { data }) => [
      `${calledAs("tutorial")} --config ${shellWords([`${folder}/config.json`])} --seed 43    the same with another seed`,
      ...(data === "--dataset shapes" ? [`${calledAs("tutorial")} --dataset cifar10    the same on photographs`] : []),
      `${calledAs("evaluate")} ${shellWords([`${folder}/student-kd/model.safetensors`])} ${data}    the student alone, as it ships`,
    ],
  });
}
