/** @file Odd ONNX graphs that can be imported: their logits are those of ONNX Runtime, where that runs the graph. */
import * as onnxruntime from "onnxruntime-node";
import { Stream } from "../../src/data/stream.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { LimbeckError } from "../../src/errors.ts";
import { record } from "../../src/nn/index.ts";
import { importOnnx, readOnnx, tapOnnx, type ImportedModel, type TappedOnnx } from "../../src/onnx/index.ts";
import { orderedNodes } from "../../src/onnx/order.ts";
import { input, topologicalOrder } from "../../src/tensor/index.ts";
import { onnxFile } from "../../test/onnx/onnx-file.ts";
import type { Attack } from "./attack.ts";
import { oddDraft } from "./onnx/drafts.ts";

/** Sets this use of a seed apart from others: "same" in ASCII. */
const KEY = 0x73616d65;
/** Elements of the largest map: both have to hold it. */
const mostElements = 300_000;
const tolerance = 1e-4;

export const onnxValues: Attack = async ({ count, seed, onProgress }) => {
  onnxruntime.env.logLevel = "fatal";
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const fault = await faultOf(onnxFile(oddDraft(new Stream(seed, KEY, i))));
    if (fault !== undefined) faults.push(`${seed}.${i}: ${fault}`);
    if (i % 100 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

async function faultOf(bytes: Uint8Array): Promise<string | undefined> {
  const both = imported(bytes);
  if (!both) return undefined;
  const { network, tapped } = both;
  const { inputShape } = network.model;
  const batch = tapped.batch ?? 2;
  const images = input("images", [batch, ...inputShape]);
  const { output } = record(network.model.module, images, { training: false });
  if (topologicalOrder([output]).some(({ size }) => size > mostElements)) return undefined;
  const pixels = Float32Array.from({ length: images.size }, (_, i) => Math.sin(i * 0.37));
  // NOTE: ONNX Runtime computes what no output needs, too, if it is constant: a list that is doubled sixty times takes all memory.
  const file = readOnnx(tapped.bytes);
  if (orderedNodes(file, [tapped.names.get("logits")!]).length < file.nodes.length) return undefined;
  const theirs = await logitsOfRuntime(tapped, inputShape, batch, pixels);
  if (!theirs) return undefined;
  const engine = referenceEngine();
  for (const [tensor, values] of network.values) await engine.write(tensor, values);
  const program = await engine.compile({ outputs: { logits: output }, updates: [] });
  const { logits: ours } = await program.run({ images: pixels });
  await engine.close();
  if (ours!.length !== theirs.length) return `${ours!.length} logits, ONNX Runtime gives ${theirs.length}`;
  const at = ours!.findIndex((value, i) => !isNear(value, theirs[i]!));
  return at < 0 ? undefined : `logit ${at} is ${ours![at]}, ONNX Runtime gives ${theirs[at]}`;
}

/** What both read the file as; `undefined` where it is refused. */
function imported(bytes: Uint8Array): { readonly network: ImportedModel; readonly tapped: TappedOnnx } | undefined {
  for (const shape of [{}, { inputShape: [3, 8, 8] as const }]) {
    try {
      const network = importOnnx(bytes, shape);
      return { network, tapped: tapOnnx(bytes, { source: "odd.onnx", inputShape: network.model.inputShape }) };
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
    }
  }
  return undefined;
}

/** `undefined` where ONNX Runtime refuses the graph, or cannot run it on these images. */
async function logitsOfRuntime(
  { bytes, input: name, layout, names }: TappedOnnx,
  [channels, height, width]: readonly [number, number, number],
  batch: number,
  pixels: Float32Array,
): Promise<Float32Array | undefined> {
  const logits = names.get("logits")!;
  const dims = layout === "NCHW" ? [batch, channels, height, width] : [batch, height, width, channels];
  const values = layout === "NCHW" ? pixels : channelsLast(pixels, channels, height * width);
  try {
    const session = await onnxruntime.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const results = await session.run({ [name]: new onnxruntime.Tensor("float32", values, dims) }, [logits]);
    await session.release();
    const data = results[logits]?.data;
    return data instanceof Float32Array ? data : undefined;
  } catch {
    return undefined;
  }
}

function channelsLast(images: Float32Array, channels: number, plane: number): Float32Array {
  return images.map((_, i) => {
    const [image, rest] = [Math.floor(i / (channels * plane)), i % (channels * plane)];
    return images[(image * channels + (rest % channels)) * plane + Math.floor(rest / channels)]!;
  });
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
}
