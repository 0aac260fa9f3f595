/** @file How pictures become what a teacher's network takes. Options or files give it, and it is never guessed. */
import { shown as nameOf, type Kind } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import {
  centreCrop,
  checkPicture,
  type FilterName,
  filters,
  type Picture,
  resize,
  resizeShortSide,
  withChannels,
} from "../images/index.ts";

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

/** How pixels become numbers. */
export type PixelNumbers = Pick<Preprocessing, "range" | "mean" | "std" | "channelOrder">;

/** What one source gives of it: options, metadata, a file. */
export type PartialPreprocessing = { readonly [Name in keyof Preprocessing]?: Preprocessing[Name] | undefined };

/**
 * The first source that gives a thing counts. Channels are red, green, blue unless one says otherwise.
 *
 * Throws ARGUMENT, naming `source`, for what no source gives, or what does not fit together; `unread` is why some give nothing.
 */
export function completePreprocessing(
  sources: readonly PartialPreprocessing[],
  source: string,
  unread: readonly string[] = [],
): Preprocessing {
  const first = <Name extends keyof Preprocessing>(name: Name): Preprocessing[Name] | undefined =>
    sources.find((each) => each[name] !== undefined)?.[name];
  const [inputShape, resizeTo, interpolation] = [first("inputShape"), first("resize"), first("interpolation")];
  const [range, mean, std] = [first("range"), first("mean"), first("std")];
  if (!inputShape || resizeTo === undefined || !interpolation || !range || !mean || !std) {
    const known = { inputShape, resize: resizeTo, interpolation, range, mean, std };
    const missing = Object.entries(known).filter(([, value]) => value === undefined);
    return bad(
      source,
      `its preprocessing is not known, ${missing.map(([name]) => name).join(", ")} missing${unread.map((why) => `: ${why}`).join("")}; say, as preprocessing (--teacher-option), ` +
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
  const problem = problemOf(all);
  return problem === undefined ? all : bad(source, problem);
}

const examples = {
  inputShape: "inputShape=3,224,224",
  resize: "resize=256, the shorter side before the middle is cut out, or resize=224,224, height and width",
  interpolation: "interpolation=bilinear, or bicubic for example",
  range: "range=1 if pixels are divided by 255, range=255 if not",
  mean: "mean=0.485,0.456,0.406, ImageNet's with range 1, or the network's own",
  std: "std=0.229,0.224,0.225, the same",
} as const;

/** The teacher's view of a picture: its channels, resized, the middle cut out. A picture that is so already stays as it is. */
export function teacherView(picture: Picture, preprocessing: Preprocessing): Picture {
  checkPicture("teacherView", picture);
  const { inputShape, resize: to, interpolation: filter } = preprocessing;
  const [channels, height, width] = inputShape;
  if (picture.channels !== 1 && picture.channels !== 3) {
    throw new LimbeckError("SHAPE", `teacherView: a picture should have 1 or 3 channels, got ${picture.channels}`);
  }
  // Grey stays one channel until it is small.
  const coloured = picture.channels === 1 ? picture : withChannels(picture, channels === 1 ? 1 : 3);
  const resized =
    typeof to === "number"
      ? resizeShortSide(coloured, to, { filter })
      : resize(coloured, { height: to[0], width: to[1] }, { filter });
  const cut = resized.height === height && resized.width === width ? resized : centreCrop(resized, height, width);
  return withChannels(cut, channels === 1 ? 1 : 3);
}

/** The network's numbers for images of its size, [n, C, H, W]: each step rounded to float32, as PyTorch's `ToTensor` and `Normalize`. */
export function normalised(
  images: Uint8Array,
  count: number,
  preprocessing: Pick<Preprocessing, "inputShape"> & PixelNumbers,
): Float32Array {
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

/** For `checkArguments`: each of its parts within bounds. */
export const aPreprocessing: Kind = {
  expected:
    "preprocessing, with inputShape [1 or 3, height, width], resize a size or [height, width], interpolation the name of a filter, range 1 or " +
    "255, mean and std a number for each channel, channelOrder RGB or BGR",
  is: (value) => typeof value === "object" && value !== null && problemOf(value as Loose) === undefined,
};

/** Of any kind: it comes from files. */
type Loose = { readonly [Name in keyof Preprocessing]?: unknown };

/** The first thing that is wrong. */
function problemOf({
  inputShape,
  resize: to,
  interpolation,
  range,
  mean,
  std,
  channelOrder,
}: Loose): string | undefined {
  const isSize = (size: unknown): boolean => Number.isInteger(size) && Number(size) >= 1 && Number(size) <= 2 ** 14;
  const sizes = (list: unknown, count: number): list is number[] =>
    Array.isArray(list) && list.length === count && Array.from(list).every(isSize);
  if (!sizes(inputShape, 3) || (inputShape[0] !== 1 && inputShape[0] !== 3)) {
    return `inputShape should be [1 or 3 channels, height, width], got ${shown(inputShape)}`;
  }
  if (!isSize(to) && !sizes(to, 2))
    return `resize should be the length of the shorter side, or [height, width], got ${shown(to)}`;
  if (typeof interpolation !== "string" || !Object.hasOwn(filters, interpolation)) {
    return `interpolation should be one of ${Object.keys(filters).join(", ")}, got ${shown(interpolation)}`;
  }
  if (range !== 1 && range !== 255) return `range should be 1 or 255, got ${shown(range)}`;
  const numbers = (list: unknown): list is number[] =>
    Array.isArray(list) && list.length === inputShape[0] && Array.from(list).every(Number.isFinite);
  if (!numbers(mean) || !numbers(std) || std.some((each) => each <= 0)) {
    return `mean and std should be ${inputShape[0]} numbers each, std above 0, got ${shown(mean)} and ${shown(std)}`;
  }
  if (channelOrder !== "RGB" && channelOrder !== "BGR")
    return `channelOrder should be RGB or BGR, got ${shown(channelOrder)}`;
  return undefined;
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.slice(0, 5).map(nameOf).join(", ")}]` : nameOf(value);
}

function bad(source: string, problem: string): never {
  throw new LimbeckError("ARGUMENT", `${source}: ${problem}`);
}
