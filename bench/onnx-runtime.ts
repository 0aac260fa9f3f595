/** @file ONNX Runtime's side: the same network with the same weights, called on images that lie ready. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { createModel } from "../src/models/index.ts";
import { initialise } from "../src/nn/index.ts";
import { torchRandom } from "../src/random/index.ts";
import { exportOnnx } from "../src/ship/export-onnx.ts";
import type { Contender, Work } from "../src/benchmark/index.ts";
import { onnxRuntime } from "./rows.ts";

/** Opens a session. */
export async function onnxContender(
  { model: name, batchSize }: Work,
  { threads }: { readonly threads: number },
): Promise<Contender> {
  const model = createModel(name);
  const file = exportOnnx({ model, values: initialise(model.module, torchRandom(42)) });
  const session = await InferenceSession.create(file, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  const shape = [batchSize, ...model.inputShape];
  const images = torchRandom(42).normal(
    shape.reduce((product, side) => product * side),
    0,
    1,
  );
  const given = { [session.inputNames[0]!]: new Tensor("float32", images, shape) };
  return {
    name: onnxRuntime,
    async time(steps) {
      const started = performance.now();
      for (let step = 0; step < steps; step++) await session.run(given);
      return performance.now() - started;
    },
    close: () => session.release(),
  };
}
