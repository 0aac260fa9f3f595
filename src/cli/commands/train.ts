/** @file `limbeck train`: one network on the labels. */
import type { Command } from "commander";
import {
  addDataOptions,
  addOutputOptions,
  addTrainingOptions,
  type DataOptions,
  type OutputOptions,
  type TrainingOptions,
} from "../options.ts";
import { calledAs, shellWords } from "../terminal.ts";

export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .summary("train one network on the labels")
    .description("Trains one network by cross entropy with the labels, tests it and writes a report.")
    .option("--model <name>", "name of the model (default: LightNN)");
  addOutputOptions(addTrainingOptions(addDataOptions(command)))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck train --model DeepNN --dataset cifar10\n  limbeck train --model LightNN --epochs 2 --seed 7",
    )
    .action(train);
}

type Options = DataOptions & TrainingOptions & OutputOptions & { readonly model?: string };

async function train({ out, resume, json, ...given }: Options): Promise<void> {
  const { runExperiment } = await import("../run-experiment.ts");
  await runExperiment({
    command: "train",
    given,
    output: { out, resume, json },
    next: (folder, { dataset, model }) => {
      const weights = shellWords([`${folder}/model/model.safetensors`]);
      return [
        `${calledAs("distill")} --teacher ${weights} --teacher-model ${model} --dataset ${dataset}    teach a student with it`,
        `${calledAs("evaluate")} ${weights} --model ${model} --dataset ${dataset}    test it again`,
      ];
    },
  });
}
