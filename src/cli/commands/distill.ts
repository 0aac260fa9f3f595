/** @file `limbeck distill`: one network with the help of another. */
import type { Command } from "commander";
import type { PairedPaths } from "../../distill/index.ts";
import type { Config } from "../../experiment/config.ts";
import { listed, namedSetting, namedValue, pairOfPlaces, path, positive, repeated } from "../option-values.ts";
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

export function addDistill(program: Command): void {
  const command = program
    .command("distill")
    .summary("train one network with the help of a trained one")
    .description(
      "Tests a teacher, trains a student with its help, tests the student and writes a report. Several teachers form an\n" +
        "ensemble; a chain of assistants may stand between teacher and student.",
    )
    .option(
      "--teacher <file>",
      "the teacher: an ONNX file, weights (safetensors) or a run's folder; repeat for several teachers",
      repeated(path),
    )
    .option(
      "--teacher-option <name=value>",
      "how pictures are made ready for an ONNX file that does not say so: inputShape, resize, interpolation, range, mean, std, channelOrder; output, layout, taps, runner; repeatable",
      namedValue,
    )
    .option("--teacher-logits <file>", "logits of the training images that were computed elsewhere (safetensors)", path)
    .option(
      "--list-images <file>",
      "write the pictures' paths, in their order, to a JSON file, for who computes such logits, and end",
      path,
    )
    .option(
      "--teacher-model <name>",
      "the teacher's model, or the module that gives it, one for all or one for each (default: its file's, or DeepNN)",
      repeated(String),
    )
    .option(
      "--teacher-model-option <name=value>",
      "an option of the teacher's model's own: widths=64,256,256, repeatable; see limbeck list models NAME",
      namedSetting,
    )
    .option(
      "--teacher-weight <x>",
      "weight of a teacher's logits in the ensemble, one for each (default: all the same)",
      repeated(positive),
    )
    .option(
      "--teacher-labels <file>",
      'JSON file: which of the teacher\'s classes are the data set\'s, {"theirs": "ours"}, or a list of the names of its classes, in their order (default: those of one name)',
      path,
    )
    .option(
      "--assistants <names>",
      "models, or modules, of assistants, a,b: each is distilled from the one before, the student from the last",
      listed,
    )
    .option(
      "--force",
      "take a teacher that does no better than guessing, or was trained on other data, and a module that has changed",
    )
    .option("--student <name>", "name of the student's model, or a module that gives one: ./net.ts (default: LightNN)")
    .option(
      "--student-option <name=value>",
      "an option of the student's model's own: widths=64,256,256, repeatable; see limbeck list models NAME",
      namedSetting,
    )
    .option(
      "--weights <file>",
      "start the student from the weights of a safetensors file, or of a run's folder; a head for other classes is initialised again",
      path,
    )
    .option("--method <name>", "name of the method, a module that gives one, or several as kd+./loss.ts (default: kd)")
    .option("--option <name=value>", "an option of the method, repeatable; see limbeck list methods NAME", namedValue)
    .option("--preset <name>", "published settings of the method, which --option overrides: cifar, imagenet, tutorial")
    .option(
      "--pair <teacher=student>",
      "modules that the method compares, repeatable (default: corresponding stages)",
      pairOfPlaces,
    );
  addOutputOptions(addTrainingOptions(addPictureOptions(addDataOptions(command))))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck distill ./photos --teacher big.onnx --student resnet20 --size 64 --out runs/birds\n" +
        "  limbeck distill ./photos --teacher big.onnx --teacher-option resize=256 --teacher-option interpolation=bilinear \\\n" +
        "    --teacher-option range=1 --teacher-option mean=0.485,0.456,0.406 --teacher-option std=0.229,0.224,0.225\n" +
        "  limbeck distill --teacher runs/a --method dist\n" +
        "  limbeck distill --teacher deep.safetensors --method kd --option temperature=4 --option kdWeight=0.5\n" +
        "  limbeck distill --teacher deep.safetensors --method kd --preset cifar\n" +
        "  limbeck distill --teacher deep.safetensors --method kd+at --option at.attentionWeight=500\n" +
        "  limbeck distill --teacher r20.safetensors --teacher-model resnet20 --method at --pair layer2=features.4\n" +
        "  limbeck distill --teacher a.safetensors --teacher b.safetensors --teacher-weight 2 --teacher-weight 1\n" +
        "  limbeck distill --teacher big.safetensors --teacher-model resnet56 --assistants resnet20,resnet14 --student resnet8\n" +
        "  limbeck distill --teacher light.safetensors --teacher-model LightNN --assistants LightNN    born-again",
    )
    .action(distill);
}

interface Options extends DataOptions, PictureOptions, TrainingOptions, OutputOptions {
  readonly teacher?: readonly string[];
  readonly teacherModel?: readonly string[];
  readonly teacherModelOption?: Readonly<Record<string, unknown>>;
  readonly teacherWeight?: readonly number[];
  readonly teacherLabels?: string;
  readonly teacherOption?: Readonly<Record<string, unknown>>;
  readonly teacherLogits?: string;
  readonly listImages?: string;
  readonly assistants?: readonly string[];
  readonly force?: boolean;
  readonly student?: string;
  readonly studentOption?: Readonly<Record<string, unknown>>;
  readonly weights?: string;
  readonly method?: string;
  readonly preset?: string;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly pair?: readonly PairedPaths[];
}

async function distill(
  dataset: string | undefined,
  {
    out,
    resume,
    json,
    option: named,
    pair,
    teacherLabels,
    teacherOption,
    teacherModelOption,
    studentOption,
    listImages,
    ...settings
  }: Options,
): Promise<void> {
  if (listImages !== undefined) {
    const { writeImageList } = await import("../write-image-list.ts");
    return writeImageList(listImages, { ...settings, ...(dataset !== undefined && { dataset }) }, json === true);
  }
  const option = pair ? { ...named, pairs: pair } : named;
  const [{ runExperiment }, { evaluateCommand, trainCommand }, { objectiveOf }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
    import("../../experiment/names.ts"),
  ]);
  const labels = teacherLabels === undefined ? undefined : await readLabels(teacherLabels);
  const { config, teacher, teacherLogits } = settings;
  if ([resume, config, teacher, teacherLogits].every((given) => given === undefined)) await refuseTeacherless();
  await runExperiment({
    command: "distill",
    options: {
      ...settings,
      ...(labels && { teacherLabels: labels }),
      ...(teacherOption && { teacherOptions: teacherOption }),
      ...(teacherModelOption && { teacherModelOptions: teacherModelOption }),
      ...(studentOption && { studentOptions: studentOption }),
      ...(dataset !== undefined && { dataset }),
      ...(option && { options: option }),
    },
    output: { out, resume, json },
    next: (folder, made) => {
      const weights = `${folder}/student/model.safetensors`;
      const config = made.config as Config<"distill">;
      const { student: model, method, teacherModel = [] } = config;
      // What evaluate needs for a student that holds parts of its teacher.
      const ofTeacher = { method, teacherModel: teacherModel[0] ?? made.runs[0]!.model };
      const network = { model, ...(objectiveOf(config, made.own).student && ofTeacher) };
      const again = ["the saved student, tested again", evaluateCommand(weights, config, network)] as const;
      // Without labels nobody else teaches.
      if (made.runs.at(-1)?.measure === "agreement") return [again];
      return [again, ["the same student without a teacher, to compare", trainCommand(made, model)]];
    },
  });
}

/** Throws CONFIG for a file that is no JSON object or list. */
async function readLabels(file: string): Promise<object> {
  const { readJsonFile } = await import("../settings.ts");
  return readJsonFile(file, "the teacher's classes by the data set's, or their names", '{"tabby cat": "cat"}');
}

async function refuseTeacherless(): Promise<never> {
  const { LimbeckError } = await import("../../errors.ts");
  throw new LimbeckError(
    "ARGUMENT",
    "distill needs a teacher: give an ONNX file or weights with --teacher FILE; limbeck train --model DeepNN makes weights",
  );
}
