/** @file How pictures become what a teacher's network takes. It is said by options or by files, and never guessed. */
import { LimbeckError } from "../errors.ts";
import { filters, type FilterName } from "../images/filters.ts";
import { centreCrop, resizeShortSide } from "../images/crop.ts";
import { withChannels, type Picture } from "../images/picture.ts";
import { resize } from "../images/resize.ts";

/** From a picture of any size to the numbers of one image. */
export interface Preprocessing {
  /** [channels, height, width] of what the network takes, cut out of the middle after resizing. */
  readonly inputShape: readonly [number, number, number];
  /** The length of the shorter side, or height and width, that a picture is resized to first. */
  readonly resize: number | readonly [height: number, width: number];
  readonly interpolation: FilterName;
  /** 1: pixels are divided by 255 first; 255: they stay as they are. */
  readonly range: 1 | 255;
  /** Of each channel, in the order red, green, blue: (pixel - mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly channelOrder: "RGB" | "BGR";
}

/** What one source says of it: options, metadata, a file. */
export type PartialPreprocessing = { readonly [Name in keyof Preprocessing]?: Preprocessing[Name] | undefined };

/**
 * The first source that says a thing counts. Channels are taken for red, green, blue where none says otherwise.
 *
 * Throws ARGUMENT, naming `source`, for what no source says, or what does not fit together.
 */
export function completePreprocessing(sources: readonly PartialPreprocessing[], source: string): Preprocessing {
  const first = <Name extends keyof Preprocessing>(name: Name): Preprocessing[Name] | undefined =>
    sources.find((each) => each[name] !== undefined)?.[name];
  const [inputShape, resizeTo, interpolation] = [first("inputShape"), first("resize"), first("interpolation")];
  const [range, mean, std] = [first("range"), first("mean"), first("std")];
  if (!inputShape || resizeTo === undefined || !interpolation || !range || !mean || !std) {
    const said = { inputShape, resize: resizeTo, interpolation, range, mean, std };
    const missing = Object.entries(said).filter(([, value]) => value === undefined);
    return bad(
      source,
      `its preprocessing is not known, ${missing.map(([name]) => name).join(", ")} missing; say ` +
        missing.map(([name]) => examples[name as keyof typeof examples]).join("; ") +
        "; or put its preprocessor_config.json, or timm's config.json, beside the file",
    );
  }
  const all = {
    inputShape,
    resize: resizeTo,
    interpolation,
    range,
    mean,
    std,
    channelOrder: first("channelOrder") ?? "RGB",
  };
  check(all, source);
  return all;
}

const examples = {
  inputShape: "inputShape, [3, 224, 224] for example",
  resize: "resize, the shorter side before the middle is cut out (256), or height and width ([224, 224])",
  interpolation: 'interpolation, "bilinear" or "bicubic" for example',
  range: "range, 1 if pixels are divided by 255, 255 if not",
  mean: "mean, [0.485, 0.456, 0.406] for ImageNet's with range 1",
  std: "std, [0.229, 0.224, 0.225] for ImageNet's with range 1",
} as const;

/** The picture as a teacher sees it: its channels, resized, the middle cut out. Nothing is done to one that is so already. */
export function teacherView(
  picture: Picture,
  { inputShape, resize: to, interpolation: filter }: Preprocessing,
): Picture {
  const [channels, height, width] = inputShape;
  const coloured = picture.channels === channels ? picture : withChannels(picture, channels === 1 ? 1 : 3);
  const resized =
    typeof to === "number"
      ? resizeShortSide(coloured, to, { filter })
      : resize(coloured, { height: to[0], width: to[1] }, { filter });
  return resized.height === height && resized.width === width ? resized : centreCrop(resized, height, width);
}

/** The network's numbers for images of its size, [n, C, H, W]: each step rounded to float32, as PyTorch's `ToTensor` and `Normalize`. */
export function normalised(images: Uint8Array, count: number, preprocessing: Preprocessing): Float32Array {
  const { inputShape, range, mean, std, channelOrder } = preprocessing;
  const [channels, height, width] = inputShape;
  const plane = height * width;
  if (images.length !== count * channels * plane) {
    throw new LimbeckError(
      "SHAPE",
      `a teacher's ${count} images should have ${channels * plane} bytes each, [${inputShape.join(", ")}], got ${images.length} bytes`,
    );
  }
  const { fround } = Math;
  const tables = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: 256 }, (_, pixel) => {
      const value = range === 1 ? fround(pixel / 255) : pixel;
      return fround(fround(value - fround(mean[channel]!)) / fround(std[channel]!));
    }),
  );
  const numbers = new Float32Array(images.length);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < channels; channel++) {
      const table = tables[channel]!;
      const from = (i * channels + channel) * plane;
      const to = (i * channels + (channelOrder === "BGR" ? channels - 1 - channel : channel)) * plane;
      for (let at = 0; at < plane; at++) numbers[to + at] = table[images[from + at]!]!;
    }
  }
  return numbers;
}

function check(
  { inputShape, resize: to, interpolation, range, mean, std, channelOrder }: Preprocessing,
  source: string,
): void {
  const isSize = (size: unknown): boolean =>
    Number.isInteger(size) && (size as number) >= 1 && (size as number) <= 2 ** 14;
  const [channels] = inputShape;
  const lists = Array.isArray(mean) && Array.isArray(std) && [...mean, ...std].every(Number.isFinite);
  if (inputShape.length !== 3 || !inputShape.every(isSize) || (channels !== 1 && channels !== 3)) {
    bad(source, `inputShape should be [1 or 3 channels, height, width], got [${inputShape.join(", ")}]`);
  }
  if (!(Array.isArray(to) ? to.length === 2 && to.every(isSize) : isSize(to))) {
    bad(source, `resize should be the length of the shorter side, or [height, width], got ${JSON.stringify(to)}`);
  }
  if (!Object.hasOwn(filters, interpolation)) {
    bad(
      source,
      `interpolation should be one of ${Object.keys(filters).join(", ")}, got ${JSON.stringify(interpolation)}`,
    );
  }
  if (range !== 1 && range !== 255) bad(source, `range should be 1 or 255, got ${JSON.stringify(range)}`);
  if (!lists || mean.length !== channels || std.length !== channels || std.some((each) => each <= 0)) {
    bad(
      source,
      `mean and std should be ${channels} numbers each, std above 0, got ${JSON.stringify(mean)} and ${JSON.stringify(std)}`,
    );
  }
  if (channelOrder !== "RGB" && channelOrder !== "BGR") {
    bad(source, `channelOrder should be RGB or BGR, got ${JSON.stringify(channelOrder)}`);
  }
}

function bad(source: string, problem: string): never {
  throw new LimbeckError("ARGUMENT", `${source}: ${problem}`);
}
