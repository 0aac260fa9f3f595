/** @file How the image processors of transformers prepare pictures, by their preprocessor_config.json: what a size means depends on the processor's type. */
import { LimbeckError } from "../errors.ts";
import type { FilterName } from "../images/index.ts";
import { oneLine } from "../printable.ts";
import type { PartialPreprocessing } from "./preprocessing.ts";

type Json = Readonly<Record<string, unknown>>;
type Size = number | readonly [height: number, width: number];

/** What a type does otherwise than most: resize to `size` and cut out `crop_size`. */
interface Processor {
  /** A size that is one number means both sides, not the shorter one. */
  readonly isSquare?: true;
  /** The share of the resized shorter side that stays, where its file does not give `crop_pct`. */
  readonly share?: number;
  /** Sizes from this one on are both sides, and nothing is cut off. */
  readonly squashesFrom?: number;
  /** What is cut out is `size`, not `crop_size`. */
  readonly cutsSize?: true;
  /** It never subtracts a mean. */
  readonly isPlain?: true;
}

/** By the type without `ImageProcessor`; those of older and of faster versions have other endings. */
const processors: Readonly<Record<string, Processor>> = {
  ViT: { isSquare: true },
  DeiT: { isSquare: true },
  Beit: { isSquare: true },
  Siglip: { isSquare: true },
  Pvt: { isSquare: true },
  EfficientNet: { isSquare: true },
  ConvNext: { share: 224 / 256, squashesFrom: 384, cutsSize: true },
  PoolFormer: { share: 0.9 },
  Levit: { share: 224 / 256 },
  CLIP: {},
  ChineseCLIP: {},
  Bit: {},
  MobileNetV1: {},
  MobileNetV2: {},
  MobileViT: { isPlain: true },
  Image: {}, // transformers.js, of any
};

/** Pillow's numbers for its filters. */
const byNumber: Readonly<Record<number, FilterName>> = {
  0: "nearest",
  1: "lanczos",
  2: "bilinear",
  3: "bicubic",
  4: "box",
  5: "hamming",
};

/** What a preprocessor_config.json gives. */
export interface ProcessorDescription {
  readonly preprocessing: PartialPreprocessing;
  /** Why it gives nothing, if it does not. */
  readonly unread?: string | undefined;
}

/**
 * The preprocessing that a preprocessor_config.json says. A file without a type is read as most are; one of a type that is not known gives nothing,
 * since its sizes may mean anything. Throws DATA_FORMAT for sizes and factors that say nothing.
 */
export function readProcessor(json: Json, source: string): ProcessorDescription {
  const type = json["image_processor_type"] ?? json["feature_extractor_type"];
  const name = typeof type === "string" ? type.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, "") : "Image";
  const processor = Object.hasOwn(processors, name) ? processors[name] : undefined;
  if (processor) return { preprocessing: preprocessingOf(json, processor, source) };
  const known = Object.keys(processors).join(", ");
  const unread = `${source} is of the type ${oneLine(String(type)).slice(0, 100)}, which is not known; known are ${known}`;
  return { preprocessing: {}, unread };
}

function preprocessingOf(json: Json, processor: Processor, source: string): PartialPreprocessing {
  const isOn = (name: string): boolean => json[name] === true || json[name] === undefined;
  const [size, crop] = [sizeAt(json, "size", source, processor), sizeAt(json, "crop_size", source, { isSquare: true })];
  const view = viewOf(json, processor, size, isOn("do_center_crop") ? crop : undefined);
  const resample = json["resample"];
  return {
    inputShape: view.cut && [3, ...view.cut],
    resize: isOn("do_resize") ? view.resize : undefined,
    interpolation: typeof resample === "number" ? byNumber[resample] : undefined,
    ...numbersOf(json, processor, isOn, source),
    ...(json["do_flip_channel_order"] === true && { channelOrder: "BGR" }),
  };
}

/** What a picture is resized to, and the size that is cut out of its middle. */
function viewOf(
  json: Json,
  { share: usual = 1, squashesFrom = Number.POSITIVE_INFINITY, cutsSize }: Processor,
  size: Size | undefined,
  crop: Size | undefined,
): { readonly resize: Size | undefined; readonly cut: readonly [number, number] | undefined } {
  const cut = both((cutsSize ? undefined : crop) ?? size);
  if (typeof size !== "number") return { resize: size, cut };
  if (size >= squashesFrom) return { resize: [size, size], cut };
  const share = typeof json["crop_pct"] === "number" ? json["crop_pct"] : usual;
  return { resize: Math.floor(size / share), cut };
}

function both(size: Size | undefined): readonly [number, number] | undefined {
  return typeof size === "number" ? [size, size] : size;
}

/**
 * A pixel x becomes (x · factor - offset - mean) / std. With range 1, it is x / 255 that they are of. EfficientNet's classifiers (`include_top`)
 * divide by std twice.
 */
function numbersOf(
  json: Json,
  { isPlain }: Processor,
  isOn: (name: string) => boolean,
  source: string,
): Pick<PartialPreprocessing, "range" | "mean" | "std"> {
  const isNormalised = isPlain !== true && isOn("do_normalize");
  const std = listAt(json, "image_std");
  const twice = json["include_top"] === true;
  const mean = isNormalised ? listAt(json, "image_mean") : [0, 0, 0];
  const divided = std?.map((each) => (isNormalised ? each : 1) * (twice ? each : 1));
  const all = { range: 255, mean, std: isNormalised || twice ? divided : [1, 1, 1] } as const;
  if (!isOn("do_rescale")) return all;
  const { rescale_factor: factor = 1 / 255, rescale_offset: isMoved } = json;
  const scale = Number(factor) * 255;
  if (!(scale > 0)) throw new LimbeckError("DATA_FORMAT", `${source}: rescale_factor should be a number above 0`);
  // NOTE: a file has 1/255 with as many digits as it likes.
  const exact = Math.abs(scale - 1) < 1e-6 ? 1 : Math.abs(scale - 2) < 1e-6 ? 2 : scale;
  // Versions of transformers subtract 1, or 127.5 pixels; the same for 1/127.5 alone.
  if (isMoved === true && exact !== 2)
    throw new LimbeckError("DATA_FORMAT", `${source}: with rescale_offset, rescale_factor should be 1 / 127.5`);
  const offset = isMoved === true ? 1 : 0;
  return {
    range: 1,
    mean: all.mean?.map((each) => (each + offset) / exact),
    std: all.std?.map((each) => each / exact),
  };
}

function listAt(json: Json, name: string): readonly number[] | undefined {
  const value = json[name];
  return typeof value === "number" ? [value, value, value] : ((value ?? undefined) as readonly number[] | undefined);
}

/** A number, or an object with shortest_edge, or with height and width. */
function sizeAt(json: Json, name: string, source: string, { isSquare }: Processor): Size | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number") return isSquare ? [value, value] : value;
  const { shortest_edge: shorter, height, width } = value as Json;
  if (typeof shorter === "number") return shorter;
  if (typeof height === "number" && typeof width === "number") return [height, width];
  throw new LimbeckError("DATA_FORMAT", `${source}: ${name} should be a number, shortest_edge, or height and width`);
}
