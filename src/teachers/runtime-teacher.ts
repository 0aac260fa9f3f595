/** @file Any ONNX classifier as a teacher, run by ONNX Runtime; values inside its graph are added to its outputs. */
import { LimbeckError, reasonOf } from "../errors.ts";
import {
  productsOf,
  tapOnnx,
  type TappedOnnx,
  type OnnxRuntime,
  type RuntimeSession,
  type RuntimeTensor,
} from "../onnx/index.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/index.ts";
import { normalised, type PixelNumbers, type Preprocessing } from "./preprocessing.ts";
import { checkCall, checkFinite, checkWanted, LOGITS, type Teacher } from "./teacher.ts";

export interface RuntimeTeacherOptions {
  readonly runtime: OnnxRuntime;
  /** The ONNX file. */
  readonly bytes: Uint8Array;
  /** Names it in messages. */
  readonly source: string;
  readonly name: string;
  readonly preprocessing: Preprocessing;
  readonly classNames?: readonly string[] | undefined;
  readonly identity: string;
  /** The order of the input's axes, where its sizes leave it open. */
  readonly layout?: "NCHW" | "NHWC" | undefined;
  /** Which value is the logits, or their softmax; the file's only output by default. */
  readonly output?: string | undefined;
  /** Values inside the graph that methods may compare, first to last. The embedding is found by itself. */
  readonly taps?: readonly string[] | undefined;
  /** ONNX Runtime's own: `{ intraOpNumThreads: 2 }`, say. */
  readonly sessionOptions?: Readonly<Record<string, unknown>>;
}

export interface RuntimeTeacher extends Teacher {
  /** Operators at the end that were left out: `Softmax`. */
  readonly leftOut: readonly string[];
  /** What does a pass over so many images, made up and normalised beforehand: to be timed. */
  pass(count: number): () => Promise<void>;
}

/**
 * Opens a session. A file of a fixed batch is run so many images at a time.
 *
 * Throws WEIGHTS for a damaged file, ENGINE for one that ONNX Runtime cannot run, SHAPE where preprocessing makes other images than it takes, UNKNOWN_NAME for a
 * tap that is not in the graph.
 */
export async function runtimeTeacher(options: RuntimeTeacherOptions): Promise<RuntimeTeacher> {
  const { runtime, bytes, source, name, preprocessing, classNames, identity, sessionOptions = {} } = options;
  const tapped = tapOnnx(bytes, { ...options, inputShape: preprocessing.inputShape, source });
  const session = await asEngineError(source, runtime.InferenceSession.create(tapped.bytes, sessionOptions));
  const { inputShape } = preprocessing;
  const network = { runtime, session, tapped, inputShape, numbers: preprocessing, source };
  try {
    const pixels = inputShape.reduce((a, b) => a * b, 1);
    const tried = await run(network, new Uint8Array(pixels), 1, [...tapped.names.keys()]);
    const shapes = new Map<string, Shape>(Object.entries(tried).map(([path, { shape }]) => [path, shape]));
    const [classes, ...others] = shapes.get(LOGITS)!;
    if (classes === undefined || classes < 2 || others.length > 0) {
      throw new LimbeckError(
        "UNSUPPORTED",
        `${source}: a classifier should give two logits or more for an image, got ${formatShape(shapes.get(LOGITS)!)}; say which of its values are the logits, as output`,
      );
    }
    const places = [...(options.taps ?? []), ...(tapped.embedding === undefined ? [] : [tapped.embedding])];
    const features = places.filter((path) => shapes.has(path)).map((path) => ({ output: path, preActivation: path }));
    return {
      name,
      classes,
      classNames,
      preprocessing,
      shapes,
      features: tapped.embedding === undefined ? undefined : features,
      identity,
      more: moreOf(tapped),
      leftOut: tapped.leftOut,
      async outputs(images, count, wanted = [LOGITS], numbers = preprocessing) {
        checkCall(images, count, wanted);
        checkWanted({ name, shapes }, wanted);
        const results = await run({ ...network, numbers }, images, count, wanted);
        const outputs = Object.fromEntries(Object.entries(results).map(([path, { values }]) => [path, values]));
        checkFinite(name, outputs);
        return outputs;
      },
      pass(count) {
        const feeds = { [tapped.input]: madeUp(network, tapped.batch ?? count) };
        return async () => {
          for (let from = 0; from < count; from += tapped.batch ?? count)
            await asEngineError(source, session.run(feeds, [tapped.names.get(LOGITS)!]));
        };
      },
      close: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/**
 * Multiply-adds of one image, by a run of one, or of the file's batch. `undefined` where the graph has operators that may multiply in a way that is not known. Throws
 * as `runtimeTeacher`.
 */
export async function runtimeMultiplyAdds(
  options: Omit<RuntimeTeacherOptions, "taps" | "name" | "identity">,
): Promise<number | undefined> {
  const { runtime, bytes, source, preprocessing, sessionOptions = {} } = options;
  const { inputShape } = preprocessing;
  const products = productsOf(bytes, options);
  if (!products) return undefined;
  const tapped = tapOnnx(bytes, { ...options, inputShape, taps: products.values });
  const session = await asEngineError(source, runtime.InferenceSession.create(tapped.bytes, sessionOptions));
  try {
    const { input, batch = 1 } = tapped;
    const images = madeUp({ runtime, tapped, inputShape }, batch);
    const values = await asEngineError(source, session.run({ [input]: images }, products.values));
    return products.count((name) => (name === input ? images : values[name]!).dims) / batch;
  } finally {
    await session.release();
  }
}

/** How to name values of its graph. */
function moreOf({ embedding, stages }: TappedOnnx): string {
  const known = embedding === undefined ? "" : " and the vector before its classifier";
  const example = stages.length > 0 ? stages : ["VALUE"];
  const listed = stages.length > 0 ? "these lie where its maps become smaller" : "names of values in the file";
  return (
    `It is run by ONNX Runtime, so methods see its logits${known} alone; name values of its graph for them, first to last, as taps ` +
    `(--teacher-option 'taps=${JSON.stringify(example)}'; ${listed})`
  );
}

/** Images about as large as normalised pixels. */
function madeUp(
  { runtime, tapped, inputShape }: Pick<Network, "runtime" | "tapped" | "inputShape">,
  count: number,
): RuntimeTensor {
  const values = Float32Array.from({ length: count * sizeOf(inputShape) }, (_, i) => ((i * 7) % 255) / 128 - 1);
  return new runtime.Tensor("float32", values, inputDims(tapped, inputShape, count));
}

function inputDims(
  { layout }: TappedOnnx,
  [channels, height, width]: Preprocessing["inputShape"],
  count: number,
): Shape {
  return layout === "NCHW" ? [count, channels, height, width] : [count, height, width, channels];
}

interface Network {
  readonly runtime: OnnxRuntime;
  readonly session: RuntimeSession;
  readonly tapped: TappedOnnx;
  readonly inputShape: Preprocessing["inputShape"];
  readonly numbers: PixelNumbers;
  readonly source: string;
}

interface Result {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** What is wanted of all images, in runs of the file's batch; the last run is filled up with zeros. */
async function run(
  { runtime, session, tapped, inputShape, numbers: how, source }: Network,
  images: Uint8Array,
  count: number,
  wanted: readonly string[],
): Promise<Record<string, Result>> {
  const { input, layout, batch = count } = tapped;
  const [channels, height, width] = inputShape;
  const size = channels * height * width;
  const numbers = normalised(images, count, { ...how, inputShape });
  const dims = inputDims(tapped, inputShape, batch);
  const valueNames = wanted.map((path) => tapped.names.get(path)!);
  const results: Record<string, Result> = {};
  for (let from = 0; from < count; from += batch) {
    const part = numbers.subarray(from * size, Math.min(count, from + batch) * size);
    const filled = new Float32Array(batch * size);
    filled.set(layout === "NCHW" ? part : channelsLast(part, channels, height * width));
    const feeds = { [input]: new runtime.Tensor("float32", filled, dims) };
    const got = await asEngineError(source, session.run(feeds, valueNames));
    for (const [i, path] of wanted.entries()) {
      const { shape, values } = resultOf(got[valueNames[i]!], batch, source, path);
      const each = sizeOf(shape);
      results[path] ??= { shape, values: new Float32Array(count * each) };
      results[path].values.set(values.subarray(0, Math.min(batch, count - from) * each), from * each);
    }
  }
  return results;
}

/** The value of a batch. Logits of any shape are a list for each image. Throws UNSUPPORTED where the batch does not come first. */
function resultOf(tensor: RuntimeTensor | undefined, batch: number, source: string, path: string): Result {
  const { data, dims = [] } = tensor ?? {};
  const [first, ...shape] = dims;
  const values = tensor?.type === "float16" && ArrayBuffer.isView(data) ? fromHalf(data) : data;
  if (!(values instanceof Float32Array) || first !== batch) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${source}: ${JSON.stringify(path)} should be float32 with ${batch} images first, got ${tensor?.type ?? "nothing"} ${formatShape(dims)}; choose another value`,
    );
  }
  return { shape: path === LOGITS ? [sizeOf(shape)] : shape, values };
}

/** Half precision, of which JavaScript's newer engines have an array, and older ones the bits. */
function fromHalf(data: ArrayBufferView): Float32Array | undefined {
  const { constructor } = data as { readonly constructor: { readonly name: string } };
  return constructor.name === "Float16Array" ? Float32Array.from(data as unknown as ArrayLike<number>) : undefined;
}

/** [n, C, H·W] as [n, H·W, C] */
function channelsLast(images: Float32Array, channels: number, plane: number): Float32Array {
  const turned = new Float32Array(images.length);
  for (let start = 0; start < images.length; start += channels * plane) {
    for (let channel = 0; channel < channels; channel++) {
      for (let at = 0; at < plane; at++)
        turned[start + at * channels + channel] = images[start + channel * plane + at]!;
    }
  }
  return turned;
}

/** Throws ENGINE where ONNX Runtime fails. */
async function asEngineError<Result>(source: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    throw new LimbeckError("ENGINE", `${source}: ONNX Runtime cannot run it: ${reasonOf(cause).slice(0, 500)}`, {
      cause,
    });
  }
}
