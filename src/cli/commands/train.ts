/** @file `limbeck train`: one network on the labels. */
import type { Command } from "commander";
import { commandSettings, type Config } from "../../experiment/settings/index.ts";
import { addTraining, parsedOptions, type OutputOptions } from "../options.ts";

export function addTrain(command: Command): void {
  command.description("Trains one network on labelled images, without a teacher, tests it and writes a report.");
  addTraining(command, commandSettings.train)
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck train ./photos --model resnet20 --size 64\n" +
        "  limbeck train cifar10 --recipe airbench94\n" +
        "  limbeck train ./photos --model resnet18 --weights resnet18.safetensors",
    )
    .action(train);
}

async function train(dataset: string | undefined, output: OutputOptions, command: Command): Promise<void> {
  const [{ runExperiment }, { distillCommand, evaluateCommand }, { proposedStudent }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
    import("../next-commands.ts"),
  ]);
  await runExperiment({
    command: "train",
    options: parsedOptions(command, commandSettings.train, dataset),
    output,
    next: (folder, made) => {
      const weights = `${folder}/model/model.safetensors`;
      const { config } = made;
      const { model } = config as Config<"train">;
      const again = ["test it again", evaluateCommand(weights, config, { model })] as const;
      const [run] = made.runs;
      const student = run && proposedStudent(run, made.dataset);
      if (!student) return [again];
      return [
        ["distil a student from it", distillCommand(made, { teacher: weights, teacherModel: model }, student)],
        again,
      ];
    },
  });
}
