/** @file Options that several commands share. Their defaults are those of the configuration's schema. */
import { Option, type Command } from "commander";
import type { EngineRequest } from "../engine/engines.ts";
import {
  anEngineName,
  decimals,
  factorFor,
  fromZero,
  listed,
  namedValue,
  numberFor,
  orNone,
  path,
  positive,
  probability,
  share,
  whole,
  wholeNumbers,
  wholeOrShare,
} from "./option-values.ts";

/** What to compute on, and with. */
export interface DataOptions {
  readonly dataDir?: string;
  readonly limit?: number;
  readonly batchSize?: number;
  readonly engine?: EngineRequest;
  readonly threads?: number;
}

/** How pictures become images. */
export interface PictureOptions {
  readonly size?: number;
  readonly channels?: number;
  readonly test?: string;
  readonly skipBroken?: boolean;
  readonly exif?: boolean;
  readonly unlabelled?: boolean;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

export function addPictureOptions(command: Command): Command {
  command
    .optionsGroup("Pictures:")
    .option(
      "--size <n>",
      "side of the images in pixels (default: a teacher's; the pictures' own, if they are square, of one size and at most 64; else 64)",
      whole(1, 4096),
    )
    .option("--channels <n>", "3 for colour, 1 for grey (default: 3)", whole(1, 3))
    .option("--test <p%>", "share held out for the test, where there is no such folder or split (default: 20%)", share)
    .option("--skip-broken", "leave out pictures that cannot be read")
    .option("--no-exif", "leave pictures as the sensor saw them, however the camera was held")
    .option("--unlabelled", "take all pictures without classes, whatever folders they lie in")
    .option(
      "--mean <numbers>",
      "of each channel, on pixels / 255: 0.5,0.4,0.4 (default: the training pictures')",
      decimals,
    )
    .option("--std <numbers>", "deviation of each channel (default: the training pictures')", decimals);
  // NOTE: commander gives an option that begins with "no" a value where nobody does.
  command.setOptionValue("exif", undefined);
  return command;
}

/** Where to write, and for whom to print. */
export interface OutputOptions {
  readonly out?: string | undefined;
  readonly resume?: string | undefined;
  readonly json?: boolean | undefined;
}

export function addDataOptions(command: Command): Command {
  return command
    .argument(
      "[data]",
      "a folder of pictures, table, Parquet file or tar shard; or shapes (embedded), cifar10 or cifar100 (default: the one in --data-dir, else shapes)",
      path,
    )
    .optionsGroup("Data and engine:")
    .option(
      "--data-dir <dir>",
      "folder with the binary files of cifar10 or cifar100, instead of downloading them once",
      path,
    )
    .option("--limit <n>", "use only n training and n test images", whole(1))
    .option("--batch-size <n>", "images a step (default: the recipe's; 128)", whole(1))
    .option("--engine <name>", `the engine that computes: ${anEngineName}`)
    .option(
      "--threads <n>",
      "threads of the wasm engine; any number gives the same bits (default: all cores; for long trainings, all or half of them, by timing)",
      whole(1, 256),
    );
}

export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .option("--out <dir>", "folder for weights, records and the report (default: a new one in runs/)", path)
    .option("--resume <dir>", "resume an interrupted run from its folder", path)
    .option("--json", "print the results as JSON on stdout; progress goes to stderr");
}

/** As commander parses them; `trainingSettings` turns them into settings of a configuration. */
export interface TrainingOptions {
  readonly config?: string;
  readonly recipe?: string;
  readonly epochs?: number;
  readonly dropLast?: boolean;
  readonly accumulate?: number;
  readonly seed?: number;
  readonly dropout?: number;
  readonly optimiser?: string;
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
  readonly optimiserOption?: Named;
  readonly learningRateFor?: readonly ReturnType<typeof factorFor>[];
  readonly weightDecayFor?: readonly ReturnType<typeof numberFor>[];
  readonly decayOn?: string;
  readonly freeze?: readonly ReturnType<typeof numberFor>[];
  readonly schedule?: string;
  readonly milestones?: readonly number[];
  readonly scheduleOption?: Named;
  readonly warmUp?: number;
  readonly labelSmoothing?: number;
  readonly clip?: number;
  readonly lookahead?: number;
  readonly ema?: number;
  readonly quantize?: string;
  readonly quantizeEpochs?: number;
  readonly quantizeFor?: string;
  readonly augment?: readonly string[];
  readonly augmentOption?: Named;
  readonly validation?: number | string;
  readonly keep?: string;
  readonly tested?: boolean;
  readonly trainAccuracy?: boolean;
  readonly tta?: string;
  readonly teacherSees?: string;
  readonly teacherMemory?: number;
}

type Named = Readonly<Record<string, unknown>>;

export function addTrainingOptions(command: Command): Command {
  command
    .optionsGroup("Training:")
    .option("--config <file>", "read settings from a JSON file, such as a run's config.json; options override it", path)
    .option(
      "--recipe <name>",
      "preset of the options below, and of the network where none is named: tutorial, benchmark, airbench94, light-10 …; see limbeck list recipes (default: tutorial)",
    )
    .option(
      "--epochs <n>",
      "passes over the training images; 9.9 ends within the tenth (default: the recipe's; 4 for shapes, else 10)",
      positive,
    )
    .option("--drop-last", "leave out the images that fill no whole batch, others in each epoch")
    .option("--no-drop-last", "take them, whatever the recipe")
    .option(
      "--accumulate <n>",
      "compute each batch in n parts, one after the other, and update once: a large batch in the memory of a part (default: 1)",
      whole(1),
    )
    .option("--seed <s>", "seed of initial weights, order of images, dropout and augmentation (default: 42)", whole(0))
    .option("--dropout <p>", "probability that dropout zeroes an element (default: 0.1)", probability)
    .option("--optimiser <name>", "adam, adamw, sgd or muon; see limbeck list optimisers (default: adam)")
    .option("--learning-rate <x>", "the largest learning rate (default: 0.001)", positive)
    .option("--momentum <x>", "sgd's momentum (default: 0), or muon's (default: 0.95)", probability)
    .option("--weight-decay <x>", "weight decay (default: 0; adamw: 0.01)", fromZero)
    .option("--nesterov", "Nesterov momentum, for sgd")
    .option("--optimiser-option <name=value>", "any other option of the optimiser, repeatable", namedValue)
    .option(
      "--learning-rate-for <pattern=factor>",
      "parameters whose learning rate is so many times the others': '*.bias=64x', repeatable; none for no such groups",
      orNone(factorFor),
    )
    .option(
      "--weight-decay-for <pattern=x>",
      "parameters whose weight decay is another: '*norm*=0', repeatable",
      orNone(numberFor),
    )
    .addOption(
      new Option(
        "--decay-on <what>",
        "what weight decay is for: all parameters, or neither biases nor norms (default: all)",
      ).choices(["all", "weights"]),
    )
    .option(
      "--freeze <pattern=epochs>",
      "parameters that are trained in the first epochs alone: 'conv1.*=3', repeatable; none for no such",
      orNone(numberFor),
    )
    .option(
      "--schedule <name>",
      "constant, step, cosine, linear, piecewise or one-cycle; see limbeck list schedules (default: constant)",
    )
    .option(
      "--milestones <epochs>",
      "epochs after which schedule step lowers the learning rate: 150,180,210",
      wholeNumbers,
    )
    .option("--schedule-option <name=value>", "any other option of the schedule, repeatable", namedValue)
    .option("--warm-up <epochs>", "epochs of linear warm-up of the learning rate (default: 0)", fromZero)
    .option(
      "--label-smoothing <share>",
      "share of each label that is spread over all classes (default: 0)",
      probability,
    )
    .option("--clip <norm>", "clip the gradient to this norm", positive)
    .option(
      "--lookahead <steps>",
      "set the weights back to slow ones that follow them, every so many steps; 0: never, whatever the recipe",
      whole(0),
    )
    .option("--ema <decay>", "test and save an exponential moving average of the weights, such as 0.999", probability)
    .addOption(
      new Option(
        "--quantize <precision>",
        "train the last epochs as whole numbers of 8 bits will compute, so that a student loses less by them",
      ).choices(["int8"]),
    )
    .option("--quantize-epochs <n>", "so many of them (default: a fifth, at least one)", whole(1))
    .addOption(
      new Option(
        "--quantize-for <format>",
        "the format that it will be exported as: 7 bits for the web, 8 for ONNX (default: web)",
      ).choices(["web", "onnx"]),
    )
    .option(
      "--augment <names>",
      "augmentations: resizedCrop,colourJitter,crop,flip,cutout,erasing,mixup,cutmix, or none (default: none)",
      listed,
    )
    .option("--augment-option <name=value>", "an option of one, such as crop.padding=2, repeatable", namedValue)
    .option(
      "--validation <n|p%>",
      "hold out n training images, or a share such as 10%, for validation after each epoch",
      wholeOrShare,
    )
    .addOption(
      new Option(
        "--keep <which>",
        "weights to save: those of the best epoch on the validation images, or the last (default: last)",
      ).choices(["best", "last"]),
    )
    .addOption(untested())
    .option("--train-accuracy", "classify the training images too, as they are, when a training is over")
    .addOption(ttaOption("test images are classified as they are and also"))
    .addOption(
      new Option(
        "--teacher-sees <what>",
        "of augmented images, a teacher sees each view, in every step; or the image before that, once: on the view's side (flip), both sides for their mean, or the image as it is (default: view)",
      ).choices(["view", "flip", "mean", "image"]),
    )
    .option(
      "--teacher-memory <mib>",
      "MiB for a teacher's cached outputs; beyond, it runs in each step (default: 1024)",
      fromZero,
    );
  // NOTE: commander gives an option that begins with "no" a value where nobody does.
  command.setOptionValue("tested", undefined);
  return command;
}

/** NOTE: by a name of its own, because commander takes `--no-test` for the opposite of the pictures' `--test`. */
function untested(): Option {
  const option = new Option(
    "--no-test",
    "never look at the test images: the validation images (--validation) are measured in their place",
  );
  option.attributeName = () => "tested";
  return option;
}

/** Test-time augmentation; `what` says of what. */
export function ttaOption(what: string): Option {
  return new Option(
    "--tta <views>",
    `test-time augmentation: ${what} by the mean of both sides (flip, 2 passes an image) or of six views (flip+shift); default: none`,
  ).choices(["none", "flip", "flip+shift"]);
}

/** The settings of a configuration that these options stand for; other options come back as they are. Throws UNKNOWN_NAME, ARGUMENT. */
export function trainingSettings(options: TrainingOptions): Record<string, unknown> {
  const { config: _, momentum, weightDecay, nesterov, milestones, ...rest } = options;
  const { optimiserOption, learningRateFor, weightDecayFor, freeze: frozen, ...others } = rest;
  const { scheduleOption, augmentOption, augment, ...settings } = others;
  const freeze = frozen?.map(({ parameters, value }) => ({ parameters, afterEpochs: value }));
  const parameterGroups = [
    ...(learningRateFor ?? []).map(({ parameters, value }) => ({ parameters, learningRateFactor: value })),
    ...(weightDecayFor ?? []).map(({ parameters, value }) => ({ parameters, weightDecay: value })),
  ];
  const optimiserOptions = defined({ momentum, weightDecay, nesterov, ...optimiserOption });
  const scheduleOptions = defined({ milestones, ...scheduleOption });
  return {
    ...defined(settings),
    ...(hasKeys(optimiserOptions) && { optimiserOptions }),
    ...((learningRateFor || weightDecayFor) && { parameterGroups }),
    ...(freeze && { freeze }),
    ...(hasKeys(scheduleOptions) && { scheduleOptions }),
    ...((augment || augmentOption) && { augment: nested(augment ?? [], augmentOption ?? {}) }),
  };
}

/** `["crop"]` and `{"crop.padding": 2}` as `{crop: {padding: 2}}`. */
function nested(names: readonly string[], options: Named): Record<string, Record<string, unknown>> {
  // NOTE: maps, because a name such as `__proto__` is no key of an object like others.
  const result = new Map(names.filter((name) => name !== "none").map((name) => [name, new Map<string, unknown>()]));
  for (const [path, value] of Object.entries(options)) {
    const dot = path.indexOf(".");
    const [name, option] = dot < 0 ? [path, ""] : [path.slice(0, dot), path.slice(dot + 1)];
    result.set(name, (result.get(name) ?? new Map<string, unknown>()).set(option, value));
  }
  return Object.fromEntries([...result].map(([name, of]) => [name, Object.fromEntries(of)]));
}

function defined(values: Named): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function hasKeys(value: object): boolean {
  return Object.keys(value).length > 0;
}
