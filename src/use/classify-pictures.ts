/** @file What a network says of pictures in files, made ready as those were that it was trained on. */
import { LimbeckError, reasonOf } from "../errors.ts";
import type { Picture } from "../images/index.ts";
import {
  classifier,
  pictureReader,
  type ClassifyOptions,
  type LoadedModel,
  type NetworkImage,
  type PictureInput,
  type Prediction,
} from "../model-file/index.ts";
import { oneLine } from "../printable.ts";
import type { PictureSource } from "./picture-files.ts";

export interface ClassifyPicturesOptions extends ClassifyOptions {
  /** Pictures at a time at most; default 32. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal | undefined;
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
  { batchSize = 32, signal, ...options }: ClassifyPicturesOptions = {},
): AsyncGenerator<Classified<Source>[]> {
  const read = pictureReader(model);
  const classify = classifier(model, options);
  const prepare = (from: number): Promise<Ready<Source>[]> => {
    const ready = Promise.all(sources.slice(from, from + batchSize).map((source) => readyOf(source, read)));
    ready.catch(() => undefined); // awaited in its turn
    return ready;
  };
  let next = prepare(0);
  for (let from = 0; from < sources.length; from += batchSize) {
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped after ${from} of ${sources.length} pictures`);
    const ready = await next;
    next = prepare(from + batchSize);
    const found = await classify(ready.flatMap((each) => ("image" in each ? each.image : [])));
    const answers = found.values();
    yield ready.map((each) => ("error" in each ? each : { source: each.source, classes: answers.next().value! }));
  }
}

type Ready<Source> =
  | { readonly source: Source; readonly image: NetworkImage }
  | { readonly source: Source; readonly error: LimbeckError };

async function readyOf<Source extends PictureSource>(
  source: Source,
  read: ReturnType<typeof pictureReader>,
): Promise<Ready<Source>> {
  const name = oneLine(source.path);
  try {
    return { source, image: await read(name, inputOf(await source.read())) };
  } catch (error) {
    if (error instanceof LimbeckError && error.code !== "UNSUPPORTED") return { source, error };
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const message = reasonOf(error);
    return { source, error: new LimbeckError("DATA_MISSING", `${name} cannot be read: ${message}`) };
  }
}

function inputOf(read: Uint8Array | Picture): PictureInput {
  if (read instanceof Uint8Array) return read;
  const { pixels, width, height } = read;
  return { data: pixels, width, height, layout: "planes" };
}
