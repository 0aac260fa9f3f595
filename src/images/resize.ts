/** @file Resizing as Pillow does it, bit for bit, so that pictures reach a network as PyTorch's would: in Node and in a page alike. */
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { filters, type Filter, type FilterName } from "./filters.ts";
import { checkPicture, type Picture } from "./picture.ts";

/** A rectangle in pixels, from its upper left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface ResizeOptions {
  /** Default bilinear, which is torchvision's; each filter is widened when shrinking, so that no pixel is passed over (antialias). */
  readonly filter?: FilterName;
  /** The part of the picture that is resized; default all of it. It may begin and end within pixels. */
  readonly from?: Rectangle;
  /** The part of the result that is wanted, as if cut out afterwards; default all of it. Nothing else is computed. */
  readonly only?: Rectangle;
}

/**
 * The picture in another size: the bytes of Pillow's `resize((width, height), filter, box)`. Sums are of 22-bit whole
 * numbers, along rows and then along columns, so they are the same everywhere.
 *
 * Throws SHAPE for a picture that is none, ARGUMENT for a size that is no positive whole number or a part that is not inside,
 * UNKNOWN_NAME for a filter that is in no table.
 */
export function resize(
  picture: Picture,
  { width, height }: { readonly width: number; readonly height: number },
  { filter = "bilinear", from = whole(picture), only = whole({ width, height }) }: ResizeOptions = {},
): Picture {
  checkPicture("resize", picture);
  if (!Object.hasOwn(filters, filter)) unknownName("filter", filter, Object.keys(filters));
  for (const [name, size] of Object.entries({ width, height })) {
    if (!Number.isInteger(size) || size < 1) bad(`${name} should be a positive whole number`, String(size));
  }
  checkInside("from", from, picture, false);
  checkInside("only", only, { width, height }, true);
  const along = axis(picture.width, from.left, from.width, width, only.left, only.width, filters[filter]);
  const down = axis(picture.height, from.top, from.height, height, only.top, only.height, filters[filter]);
  return resampleColumns(resampleRows(picture, along, down), down);
}

/** What each place of a line is made of, along one axis; `undefined` where lines stay as they are. */
interface Axis {
  /** Places of the result. */
  readonly count: number;
  /** For each place, the first one of the source that counts, and how many do. */
  readonly first: Int32Array;
  readonly length: Int32Array;
  /** The weights of each place, `taps` apart: 2²² is 1. */
  readonly weights: Int32Array;
  readonly taps: number;
  readonly isCopy: boolean;
}

const ONE = 2 ** 22;

function axis(
  size: number,
  start: number,
  extent: number,
  resultSize: number,
  skip: number,
  count: number,
  { support, weight }: Filter,
): Axis {
  // NOTE: Pillow takes a box as float32.
  const [begin, end] = [Math.fround(start), Math.fround(start + extent)];
  const scale = Math.fround(end - begin) / resultSize;
  if (support === 0) return nearestAxis(size, begin, scale, skip, count);
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const taps = Math.ceil(reach) * 2 + 1;
  const [first, length] = [new Int32Array(count), new Int32Array(count)];
  const weights = new Int32Array(count * taps);
  const exact = new Float64Array(taps);
  for (let place = 0; place < count; place++) {
    const centre = begin + (skip + place + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - reach + 0.5));
    const reached = Math.min(size, Math.trunc(centre + reach + 0.5)) - from;
    let sum = 0;
    for (let i = 0; i < reached; i++) sum += exact[i] = weight((i + from - centre + 0.5) * (1 / stretch));
    for (let i = 0; i < reached; i++) {
      const share = exact[i]! / (sum === 0 ? 1 : sum);
      weights[place * taps + i] = Math.trunc((share < 0 ? -0.5 : 0.5) + share * ONE);
    }
    first[place] = from;
    length[place] = reached;
  }
  const isCopy = resultSize === size && begin === 0 && end === size && count === size;
  return { count, first, length, weights, taps, isCopy };
}

/** NOTE: Pillow adds up where pixels are, which rounds otherwise than a product. */
function nearestAxis(size: number, begin: number, scale: number, skip: number, count: number): Axis {
  const first = new Int32Array(count);
  let at = begin + scale * 0.5;
  for (let place = 0; place < skip + count; place++, at += scale) {
    if (place >= skip) first[place - skip] = Math.min(size - 1, Math.trunc(at));
  }
  const isCopy = scale === 1 && begin === 0 && count === size;
  return {
    count,
    first,
    length: new Int32Array(count).fill(1),
    weights: new Int32Array(count).fill(ONE),
    taps: 1,
    isCopy,
  };
}

/** Each row that `down` has a use for, resampled; the others are left 0. */
function resampleRows(picture: Picture, along: Axis, down: Axis): Picture {
  if (along.isCopy) return picture;
  const { channels, height, width, pixels } = picture;
  const { count, first, length, weights, taps } = along;
  const top = down.first[0]!;
  const bottom = down.first[down.count - 1]! + down.length[down.count - 1]!;
  const out = new Uint8Array(channels * height * count);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = channel * height + top; row < channel * height + bottom; row++) {
      for (let place = 0; place < count; place++) {
        const start = row * width + first[place]!;
        const base = place * taps;
        let sum = ONE / 2;
        for (let i = 0; i < length[place]!; i++) sum += pixels[start + i]! * weights[base + i]!;
        out[row * count + place] = clip(sum);
      }
    }
  }
  return { channels, height, width: count, pixels: out };
}

function resampleColumns(picture: Picture, down: Axis): Picture {
  const { channels, height, width, pixels } = picture;
  const { count, first, length, weights, taps, isCopy } = down;
  if (isCopy) return { channels, height, width, pixels: pixels.slice() };
  const out = new Uint8Array(channels * count * width);
  const sums = new Int32Array(width);
  for (let channel = 0; channel < channels; channel++) {
    for (let place = 0; place < count; place++) {
      sums.fill(ONE / 2);
      for (let i = 0; i < length[place]!; i++) {
        const weight = weights[place * taps + i]!;
        const start = (channel * height + first[place]! + i) * width;
        for (let x = 0; x < width; x++) sums[x] = sums[x]! + pixels[start + x]! * weight;
      }
      const start = (channel * count + place) * width;
      for (let x = 0; x < width; x++) out[start + x] = clip(sums[x]!);
    }
  }
  return { channels, height: count, width, pixels: out };
}

function clip(sum: number): number {
  const value = sum >> 22;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function whole({ width, height }: { readonly width: number; readonly height: number }): Rectangle {
  return { left: 0, top: 0, width, height };
}

function checkInside(
  name: "from" | "only",
  { left, top, width, height }: Rectangle,
  outer: { readonly width: number; readonly height: number },
  mustBeWhole: boolean,
): void {
  const inside = left >= 0 && top >= 0 && left + width <= outer.width && top + height <= outer.height;
  const isWhole = !mustBeWhole || [left, top, width, height].every(Number.isInteger);
  if (inside && isWhole && width > 0 && height > 0) return;
  bad(
    `${name} should be a part of ${outer.width} x ${outer.height}${mustBeWhole ? " in whole pixels" : ""}`,
    `${width} x ${height} from ${left}, ${top}`,
  );
}

function bad(expected: string, got: string): never {
  throw new LimbeckError("ARGUMENT", `resize: ${expected}, got ${got}`);
}
