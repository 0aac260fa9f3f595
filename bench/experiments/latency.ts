/**
 * @file How long the engine takes for one image beside ONNX Runtime: `node bench/experiments/latency.ts`, half a minute.
 *
 * Networks of first weights, float32, one thread each, in one process and in turn; the least of many calls, since whatever else
 * the machine does makes calls longer and none shorter.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { table } from "../../src/cli/output.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { createModel, type ModelName } from "../../src/models/index.ts";
import { initialise, record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { exportOnnx } from "../../src/ship/export-onnx.ts";
import { input } from "../../src/tensor/index.ts";

const names: readonly ModelName[] = ["LightNN", "resnet8", "resnet20", "MobileNetV2"];
/** Milliseconds for each network. */
const patience = 6000;
const callsInRow = 8;

const engine = await wasmEngine({ threads: 1 });
const lines: string[][] = [];
for (const name of names) {
  const model = createModel(name);
  const values = initialise(model.module, torchRandom(1));
  for (const [tensor, numbers] of values) await engine.write(tensor, numbers);
  const shape = [1, ...model.inputShape];
  const images = input("images", shape);
  const { output } = record(model.module, images, { training: false });
  const program = await engine.compile({ outputs: { logits: output }, updates: [] });
  const session = await InferenceSession.create(exportOnnx({ model, values }), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const given = torchRandom(2).normal(images.size, 0, 1);
  const theirs = { [session.inputNames[0]!]: new Tensor("float32", given, shape) };
  const ways = [() => program.run({ images: given }), () => session.run(theirs)];
  const least = [Infinity, Infinity];
  let calls = 0;
  for (const began = performance.now(); performance.now() - began < patience; calls += callsInRow) {
    for (const [i, call] of ways.entries()) {
      for (let turn = 0; turn < callsInRow; turn++) {
        const before = performance.now();
        await call();
        least[i] = Math.min(least[i]!, performance.now() - before);
      }
    }
  }
  const [ours, other] = least as [number, number];
  lines.push([name, ...[ours, other].map((time) => (1000 * time).toFixed(0)), (ours / other).toFixed(2), `${calls}`]);
  program.close();
  await session.release();
}
await engine.close();
const head = ["batch 1, microseconds", "Limbeck", "ONNX Runtime", "ratio", "calls each"];
process.stdout.write(`${table(head, lines)}\n\n${engine.description}; Node ${process.versions.node}.\n`);
