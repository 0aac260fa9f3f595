/** @file From a picture, in whatever form, to what a network takes: as training had it, to the bit. */
import { isObject, type Kind } from "../arguments.ts";
import { decoded } from "../data/decode.ts";
import { normaliser } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";
import { type Drawable, drawn, isDrawable, type Picture, type Preparation, preparedPicture } from "../images/index.ts";
import type { DescribedModel } from "./description.ts";
import { checkPlanes, pictureOf, somePixels, type Pixels, type Planes } from "./pixels.ts";

/** A `Blob` or a `File`. */
export interface Encoded {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A picture of any size. The bytes of a file (JPEG, PNG, WebP and what else the browser, or in Node the package sharp, decodes), also as a `Blob` or
 * `File`; pixels; in browsers whatever a canvas can draw; or `Planes`, numbers that are not resized.
 */
export type PictureInput = Uint8Array | ArrayBuffer | Encoded | Pixels | Planes | Drawable;

/** (value - mean) / std for each channel, where bytes count as value / 255. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Instead of the file's. */
export interface ReadOptions {
  /** Required where the file has none. */
  readonly normalisation?: Normalisation | undefined;
  /** How pictures of other sizes are resized, whether files are turned by their EXIF orientation, and what transparent pixels lie on. */
  readonly preparation?: Preparation | undefined;
}

/** For `checkArguments`. */
export const aPicture: Kind = {
  expected: "a file's bytes, a Blob, pixels { data, width, height }, or in a browser a canvas or an image",
  is: (value) =>
    isObject(value) && (isEncoded(value) || somePixels.is(value) || (!("data" in value) && isDrawable(value))),
};

/** An image that a network takes: normalised numbers, [C, H, W]. */
export type NetworkImage = Float32Array<ArrayBuffer>;

/**
 * What makes pictures a model's images, given what each is called in messages: decoded, over the background, in the network's channels, resized
 * and cropped, normalised. `limbeck predict` and `predict` have it.
 *
 * Throws ARGUMENT for a model without normalisation. Reading throws DATA_FORMAT for what cannot be decoded; SHAPE for pixels that are not as
 * many as their size says, or that cannot be resized to the network's; ARGUMENT for numbers that are no brightness; UNSUPPORTED where nothing decodes.
 */
export function pictureReader(
  { name: model, inputShape, description }: DescribedModel,
  { normalisation = description?.normalisation, preparation = description?.preparation }: ReadOptions = {},
): (name: string, picture: PictureInput) => Promise<NetworkImage> {
  if (!normalisation) {
    throw new LimbeckError(
      "ARGUMENT",
      `predict: the file of ${model} does not say how its images were normalised; give { normalisation: { mean, std } }, one number a channel`,
    );
  }
  const table = normaliser({ shape: inputShape, ...normalisation });
  const [channels, height, width] = inputShape;
  const plane = height * width;
  return async (name, input) => {
    if (isPlanes(input)) {
      checkPlanes(name, input, inputShape);
      const { mean, std } = normalisation;
      return Float32Array.from(input.data, (value, i) => {
        const channel = Math.floor(i / plane);
        return Math.fround(value - Math.fround(mean[channel]!)) / Math.fround(std[channel]!);
      });
    }
    const whole = await wholePicture(name, input, channels, preparation);
    const isReady = whole.channels === channels && whole.height === height && whole.width === width;
    const { pixels } = isReady ? whole : preparedPicture(whole, inputShape, preparation);
    return Float32Array.from(pixels, (value, i) => table[256 * Math.floor(i / plane) + value]!);
  };
}

async function wholePicture(
  name: string,
  input: Exclude<PictureInput, Planes>,
  channels: number,
  preparation: Preparation | undefined,
): Promise<Picture> {
  if (isEncoded(input)) {
    const bytes = "arrayBuffer" in input ? await input.arrayBuffer() : input;
    return decoded(name, bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), preparation);
  }
  const pixels = "data" in input ? input : drawn(name, input);
  return pictureOf(name, pixels, channels, preparation?.background);
}

function isEncoded(value: object): value is Uint8Array | ArrayBuffer | Encoded {
  return value instanceof Uint8Array || value instanceof ArrayBuffer || "arrayBuffer" in value;
}

function isPlanes(input: PictureInput): input is Planes {
  return "data" in input && input.data instanceof Float32Array;
}
