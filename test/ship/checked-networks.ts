/** @file The graphs that ONNX's own checker has seen, as files in a folder: `node test/ship/checked-networks.ts FOLDER`, then onnx-checker.golden.py. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fold } from "../../src/inference/fold.ts";
import { createModel } from "../../src/models/index.ts";
import { onnxGraph } from "../../src/ship/onnx/graph.ts";
import { writeOnnx } from "../../src/onnx/write.ts";
import { drawn } from "../inference/drawn.ts";
import { quantisedGraph } from "../../src/ship/onnx/quantised-graph.ts";
import type { QuantisedNetwork } from "../../src/engine/int8/network.ts";
import { Builder } from "./builder.ts";
import { ownNetworks } from "./own-networks.ts";

/** Between them they have every row that networks of the table need. */
export const networks = {
  ...Object.fromEntries(
    ["LightNN", "resnet8", "wrn_16_1", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2"].map((name) => [
      name,
      drawn(createModel(name)),
    ]),
  ),
  "mobilenet_v2 of 3x40x56": drawn(createModel("mobilenet_v2", { inputShape: [3, 40, 56] })),
  ...ownNetworks,
};

/** Every kind of layer that whole numbers are computed by. */
function wholeNumbers(): QuantisedNetwork {
  const b = new Builder("checked", 255, [4, 9, 8]);
  const x = b.pool("maxPool2d", b.conv(0, { outputs: 6, padding: [1, 1] }), { kernel: [2, 2] });
  const y = b.channelShuffle(b.add(x, b.perChannel(b.depthwise(x, { padding: [1, 1] }))), 3);
  const z = b.pool("avgPool2d", b.concat([b.slice(y, 1, 4), x]), { kernel: [3, 3], stride: [2, 2], padding: [1, 1] });
  b.linear(b.perChannel(b.linear(b.flatten(b.pool("avgPool2d", z, { kernel: [2, 2] })), 8)), 5);
  return b.network;
}

/** A file without metadata for each network and precision, and what its structure hashes to: all but the numbers of its constants. */
export function graphs(): readonly { readonly name: string; readonly structure: string; readonly bytes: Uint8Array }[] {
  const inFloats = Object.entries(networks).flatMap(([name, network]) =>
    (["float32", "float16"] as const).map(
      (precision) => [`${name}, ${precision}`, onnxGraph(fold(network), precision)] as const,
    ),
  );
  return [...inFloats, ["whole numbers", quantisedGraph(wholeNumbers())] as const].map(([name, graph]) => {
    const constants = graph.constants.map(({ numbers, ...rest }) => ({ ...rest, type: numbers.constructor.name }));
    const structure = createHash("sha256")
      .update(JSON.stringify({ ...graph, constants }))
      .digest("hex");
    return { name, structure, bytes: writeOnnx({ ...graph, metadata: {} }) };
  });
}

if (import.meta.main) {
  const [, , folder] = process.argv;
  const written = graphs();
  for (const { name, bytes } of written) await writeFile(join(folder!, `${name}.onnx`), bytes);
  const structures = Object.fromEntries(written.map(({ name, structure }) => [name, structure]));
  await writeFile(join(folder!, "structures.json"), JSON.stringify(structures));
}
