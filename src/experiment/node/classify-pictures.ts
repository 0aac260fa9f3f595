/** @file What a network says of pictures in files, made ready as those were that it was trained on. */
import { decodePicture } from "../../data/node/images/decode.ts";
import { LimbeckError } from "../../errors.ts";
import { preparedPicture, type Preparation } from "../../images/preparation.ts";
import type { Picture } from "../../images/picture.ts";
import { oneLine } from "../../printable.ts";
import {
  predict,
  type LoadedModel,
  type Pixels,
  type Prediction,
  type PredictOptions,
} from "../../model-file/index.ts";
import type { PictureSource } from "./picture-files.ts";

export interface ClassifyOptions extends Pick<PredictOptions, "top" | "normalisation" | "tta"> {
  /** Instead of the file's. */
  readonly preparation?: Preparation;
  /** Pictures at a time at most; default 32. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** The answer for one picture: its classes, the most probable first, or why there is none. */
export type Classified<Source extends PictureSource = PictureSource> =
  | { readonly source: Source; readonly classes: Prediction }
  | { readonly source: Source; readonly error: LimbeckError };

/**
 * Classifies pictures, some at a time, in their order; the next ones are decoded meanwhile. A picture that cannot be read or decoded
 * gets its error, and the rest an answer. Throws as `predict`; UNSUPPORTED where nothing can be decoded; ABORTED.
 */
export async function* classifyPictures<Source extends PictureSource>(
  model: LoadedModel,
  sources: readonly Source[],
  { batchSize = 32, signal, preparation = model.description?.preparation, ...options }: ClassifyOptions = {},
): AsyncGenerator<Classified<Source>[]> {
  const prepare = (from: number): Promise<Ready<Source>[]> => {
    const ready = Promise.all(sources.slice(from, from + batchSize).map((each) => readyOf(each, model, preparation)));
    ready.catch(() => undefined); // awaited in its turn
    return ready;
  };
  let next = prepare(0);
  for (let from = 0; from < sources.length; from += batchSize) {
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped after ${from} of ${sources.length} pictures`);
    const ready = await next;
    next = prepare(from + batchSize);
    const images = ready.flatMap(({ picture }) => picture ?? []);
    const found = images.length === 0 ? [] : await predict(model, images.map(pixelsOf), options);
    yield ready.map(({ source, error }) => (error ? { source, error } : { source, classes: found.shift()! }));
  }
}

interface Ready<Source> {
  readonly source: Source;
  readonly picture?: Picture;
  readonly error?: LimbeckError;
}

async function readyOf<Source extends PictureSource>(
  source: Source,
  { inputShape }: LoadedModel,
  preparation: Preparation | undefined,
): Promise<Ready<Source>> {
  try {
    const read = await source.read();
    const { exif = true, background } = preparation ?? {};
    const options = { exif, ...(background && { background }) };
    const picture = read instanceof Uint8Array ? await decodePicture(oneLine(source.path), read, options) : read;
    return { source, picture: preparedPicture(picture, inputShape, preparation) };
  } catch (error) {
    if (error instanceof LimbeckError && error.code !== "UNSUPPORTED") return { source, error };
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const { message } = error as Error;
    return { source, error: new LimbeckError("DATA_MISSING", `${oneLine(source.path)} cannot be read: ${message}`) };
  }
}

function pixelsOf({ pixels, width, height }: Picture): Pixels {
  return { data: pixels, width, height, layout: "planes" };
}
