/** @file Students as ONNX files, as a format. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { normaliser } from "../../data/loader.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { record } from "../../nn/index.ts";
import { importOnnx, type OnnxRuntime } from "../../onnx/index.ts";
import { loadRuntime } from "../../onnx/node/index.ts";
import { input, sizeOf } from "../../tensor/index.ts";
import type { ShippedDescription } from "../description.ts";
import { exportOnnx } from "../export-onnx.ts";
import type { Format, OpenedStudent } from "../format.ts";
import { PIXEL_VALUES } from "../exported-network.ts";

const FILE = "model.onnx";

const usage = `With ONNX Runtime, on servers, desktops and phones. The input \`pixel_values\` is float32, [batch, channels, height, width], of as many
images as one likes; the output \`logits\` is what the classes' probabilities are the softmax of.

\`\`\`python
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession("${FILE}")
logits = session.run(["logits"], {"pixel_values": images})[0]  # images: normalised as below
\`\`\`

The metadata of the file hold \`classes\` and \`preprocessing\` as JSON.`;

export const onnx: Format = {
  async make(network, description, { precision, calibration }) {
    const stored = precision === "float16" ? "float16" : calibration ? "int8" : "float32";
    return new Map([[FILE, exportOnnx(network, { precision: stored, description, calibration })]]);
  },
  async open(folder, description) {
    const bytes = await readFile(join(folder, FILE));
    const runtime = await loadRuntime(FILE, undefined).catch(() => undefined);
    if (runtime) return byRuntime(runtime, bytes, description);
    return openImported(bytes, description);
  },
  usage,
};

async function byRuntime(
  { InferenceSession, Tensor }: OnnxRuntime,
  bytes: Uint8Array,
  description: ShippedDescription,
): Promise<OpenedStudent> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const ready = normalised(description);
  return {
    runner: "onnxruntime-node",
    async logits(images) {
      const tensor = new Tensor("float32", ready(images), [images.length, ...description.inputShape]);
      return (await session.run({ [PIXEL_VALUES]: tensor }))["logits"]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

/** Where ONNX Runtime is not installed: the file read back, as a network of ours. */
export async function openImported(bytes: Uint8Array, description: ShippedDescription): Promise<OpenedStudent> {
  const { model, values } = importOnnx(bytes);
  const engine = await wasmEngine({ threads: 1 });
  for (const [tensor, numbers] of values) await engine.write(tensor, numbers);
  const ready = normalised(description);
  const compile = (n: number): ReturnType<typeof engine.compile> => {
    const { output } = record(model.module, input("images", [n, ...model.inputShape]), { training: false });
    return engine.compile({ outputs: { logits: output }, updates: [] });
  };
  const programs = new Map<number, ReturnType<typeof compile>>();
  return {
    runner: "Limbeck's reader of ONNX files, for lack of onnxruntime-node",
    async logits(images) {
      const program = programs.get(images.length) ?? compile(images.length);
      programs.set(images.length, program);
      return (await (await program).run({ images: ready(images) }))["logits"]!;
    },
    close: () => engine.close(),
  };
}

/** What makes a batch of images from bytes, into the same numbers at each call. */
function normalised({
  inputShape,
  normalisation,
}: ShippedDescription): (images: readonly Uint8Array[]) => Float32Array {
  const table = normaliser({ shape: inputShape, ...normalisation });
  const [channels] = inputShape;
  const size = sizeOf(inputShape);
  const plane = size / channels;
  let numbers = new Float32Array();
  return (images) => {
    if (numbers.length !== images.length * size) numbers = new Float32Array(images.length * size);
    for (const [n, image] of images.entries()) {
      for (let i = 0; i < size; i++) numbers[n * size + i] = table[256 * Math.floor(i / plane) + image[i]!]!;
    }
    return numbers;
  };
}
