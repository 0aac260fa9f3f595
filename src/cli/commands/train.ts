/** @file `limbeck train`: one network on the labels. */
import type { Command } from "commander";
import type { Config } from "../../experiment/config.ts";
import { namedSetting, namedValue, path } from "../option-values.ts";
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

export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .summary("train one network on the labels")
    .description("Trains one network on the labels, without a teacher, tests it and writes a report.")
    .option("--model <name>", "name of the model, or a module that gives one: ./net.ts (default: LightNN)")
    .option(
      "--model-option <name=value>",
      "an option of the model's own: widths=64,256,256, repeatable; see limbeck list models NAME",
      namedSetting,
    )
    .option(
      "--weights <file>",
      "start from the weights of a safetensors file, or of a run's folder; a head for other classes is initialised again",
      path,
    )
    .option(
      "--method <name>",
      "ce, ls, tfkd or dml: a method without a teacher, or a module's: ./loss.ts (default: ce)",
    )
    .option("--force", "go on with a module that has changed")
    .option("--preset <name>", "published settings of the method, which --option overrides: cifar, imagenet, tutorial")
    .option("--option <name=value>", "an option of the method, repeatable; see limbeck list methods NAME", namedValue);
  addOutputOptions(addTrainingOptions(addPictureOptions(addDataOptions(command))))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck train --model DeepNN cifar10\n  limbeck train --model resnet20 cifar100 --recipe benchmark\n  limbeck train --model LightNN --epochs 2 --seed 7\n" +
        "  limbeck train --model resnet18 --weights resnet18.safetensors --learning-rate 0.0001\n" +
        "  limbeck train --model LightNN --method ls --option smoothing=0.2\n" +
        "  limbeck train --model airbench94 --model-option widths=32,64,96 cifar10",
    )
    .action(train);
}

interface Options extends DataOptions, PictureOptions, TrainingOptions, OutputOptions {
  readonly model?: string;
  readonly modelOption?: Readonly<Record<string, unknown>>;
  readonly force?: boolean;
  readonly weights?: string;
  readonly method?: string;
  readonly preset?: string;
  readonly option?: Readonly<Record<string, unknown>>;
}

async function train(
  dataset: string | undefined,
  { out, resume, json, option, modelOption, ...settings }: Options,
): Promise<void> {
  const [{ runExperiment }, { distillCommand, evaluateCommand }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
  ]);
  await runExperiment({
    command: "train",
    options: {
      ...settings,
      ...(dataset !== undefined && { dataset }),
      ...(option && { options: option }),
      ...(modelOption && { modelOptions: modelOption }),
    },
    output: { out, resume, json },
    next: (folder, made) => {
      const weights = `${folder}/model/model.safetensors`;
      const { config } = made;
      const { model } = config as Config<"train">;
      return [
        ["distil a student from it", distillCommand(made, weights, model)],
        ["test it again", evaluateCommand(weights, config, { model })],
      ];
    },
  });
}
