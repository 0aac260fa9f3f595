/** @file `limbeck distill`: one network with the help of another. */
import { Option, type Command } from "commander";
import { commandSettings, type Config, objectivesOf, path, seedsOf } from "../../experiment/settings/index.ts";
import { oneLine } from "../../printable.ts";
import { withShortHelp } from "../help.ts";
import { addTraining, parsedOptions, read, type ParsedOptions, type OutputOptions } from "../options.ts";
import { jsonLine, print } from "../output.ts";

export function addDistill(command: Command): void {
  command.description("Trains a student with a teacher's help and alone, and compares them in a report.");
  addTraining(command, commandSettings.distill)
    .addOption(withShortHelp(listImagesOption()))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck distill ./photos --teacher big.onnx --student resnet20\n" +
        "  limbeck distill cifar10 --teacher runs/strong --methods kd,dist --seeds 3",
    )
    .action(distill);
}

function listImagesOption(): Option {
  const help = "write the image paths as JSON for computing logits outside Limbeck, then exit";
  return new Option("--list-images <file>", help).argParser(read(path));
}

interface Options extends OutputOptions {
  readonly listImages?: string;
}

async function distill(dataset: string | undefined, options: Options, command: Command): Promise<void> {
  const { listImages, ...output } = options;
  const parsed = await withLabels(parsedOptions(command, commandSettings.distill, dataset));
  if (listImages !== undefined) return writeImageList(listImages, parsed.settings, output.json === true);
  const [{ runExperiment }, { evaluateCommand, overSeedsCommand }] = await Promise.all([
    import("../run-experiment.ts"),
    import("../next-commands.ts"),
  ]);
  const { teacher, teacherLogits } = parsed.settings;
  if ([output.resume, output.config, teacher, teacherLogits].every((each) => each === undefined))
    await refuseTeacherless();
  await runExperiment({
    command: "distill",
    options: parsed,
    output,
    next: (folder, made) => {
      const config = made.config as Config<"distill">;
      const { student: model, teacherModel = [] } = config;
      const { name, method, measure } = made.runs.at(-1)!;
      const weights = `${folder}/${name}/model.safetensors`;
      // What evaluate needs for a student that holds parts of its teacher.
      const ofTeacher = { method, teacherModel: teacherModel[0] ?? made.runs[0]!.model };
      const network = { model, ...(objectivesOf(config, made.own).at(-1)?.student && ofTeacher) };
      const again = ["the saved student, tested again", evaluateCommand(weights, config, network)] as const;
      // Without labels nobody else teaches.
      if (measure === "agreement" || seedsOf(config).length > 1) return [again];
      return [again, ["with three seeds, to see whether the gain is more than chance", overSeedsCommand(made)]];
    },
  });
}

/** With the classes that a file holds in place of its path. Throws CONFIG for a file that is no JSON object or list. */
async function withLabels({ settings, flags }: ParsedOptions): Promise<ParsedOptions> {
  const { teacherLabels: file } = settings;
  if (typeof file !== "string") return { settings, flags };
  const { readJsonFile } = await import("../settings.ts");
  const what = "the teacher's classes by the data set's, or their names";
  return { settings: { ...settings, teacherLabels: await readJsonFile(file, what, '{"tabby cat": "cat"}') }, flags };
}

async function refuseTeacherless(): Promise<never> {
  const { LimbeckError } = await import("../../errors.ts");
  throw new LimbeckError(
    "ARGUMENT",
    "distill needs a teacher: give an ONNX file or weights with --teacher FILE; limbeck train --model DeepNN makes weights",
  );
}

/** `--list-images FILE`: the pictures of a training, for whoever computes a teacher's logits outside Limbeck. Throws as `listImages`; OUTPUT where the file cannot be written. */
async function writeImageList(file: string, settings: Readonly<Record<string, unknown>>, json: boolean): Promise<void> {
  const [{ writeFile }, { listImages }, { display, shownWork }, { LimbeckError }] = await Promise.all([
    import("node:fs/promises"),
    import("../../experiment/node/index.ts"),
    import("../progress.ts"),
    import("../../errors.ts"),
  ]);
  const { notes, ...list } = await shownWork((shown, signal) =>
    listImages(settings, { signal, onPictures: shown.pictures }),
  );
  const shown = display();
  for (const note of notes) shown.note(note);
  await writeFile(file, `${JSON.stringify(list, undefined, 1)}\n`).catch((cause: Error) => {
    throw new LimbeckError("OUTPUT", `${file} cannot be written: ${cause.message}; choose another path`, { cause });
  });
  const counts = Object.fromEntries(Object.entries(list.splits).map(([which, { images }]) => [which, images.length]));
  const said = Object.entries(counts).map(([which, count]) => `${count} for ${which === "train" ? "training" : which}`);
  const heldOut = Object.keys(counts).filter((which) => which !== "train");
  if (!json && heldOut.length > 0) {
    shown.note(
      `Held out: the ${heldOut.join(" and ")} images. Figures on them mean something only if the external teacher was not trained on them.`,
    );
  }
  await print(json ? jsonLine({ written: file, images: counts }) : `Written: ${oneLine(file)}, ${said.join(", ")}`);
}
