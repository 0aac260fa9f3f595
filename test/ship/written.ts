/** @file ONNX files run by ONNX Runtime, and how far numbers are from each other. */
import ort from "onnxruntime-node";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { record } from "../../src/nn/index.ts";
import { input } from "../../src/tensor/index.ts";

/** What ONNX Runtime makes of images [count, ...shape]. */
export async function runtimeLogits(
  bytes: Uint8Array,
  images: Float32Array,
  shape: readonly number[],
  options: ort.InferenceSession.SessionOptions = {},
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3, ...options });
  const count = images.length / shape.reduce((a, b) => a * b, 1);
  const batch = new ort.Tensor("float32", images, [count, ...shape]);
  const { logits } = await session.run({ [session.inputNames[0]!]: batch });
  await session.release();
  return logits!.data as Float32Array;
}

/** What the network itself makes of them. */
export async function engineLogits(
  engine: WasmEngine,
  { model, values }: NetworkWithValues,
  images: Float32Array,
): Promise<Float32Array> {
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const count = images.length / model.inputShape.reduce((a, b) => a * b, 1);
  const { output } = record(model.module, input("images", [count, ...model.inputShape]), { training: false });
  const program = await engine.compile({ outputs: { output }, updates: [] });
  const outputs = await program.run({ images });
  program.close();
  await engine.free(values.keys());
  return outputs["output"]!;
}

export const oneThread = (): Promise<WasmEngine> => wasmEngine({ threads: 1 });

/** The largest difference, of the root of the mean square of what is expected. */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  return got.length === values.length ? Math.max(...values.map((value, i) => Math.abs(got[i]! - value))) / size : NaN;
}
