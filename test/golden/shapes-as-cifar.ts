/** @file Writes the embedded pictures in CIFAR-10's binary layout, for PyTorch's scripts: `node shapes-as-cifar.ts FOLDER TRAIN TEST`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Split } from "../../src/data/dataset.ts";
import { shapes } from "../../src/data/shapes.ts";

const [folder, train, test] = process.argv.slice(2);
const dataset = shapes({ train: Number(train), test: Number(test) });
writeFileSync(join(folder!, "data_batch_1.bin"), records(dataset.train));
writeFileSync(join(folder!, "test_batch.bin"), records(dataset.test));

/** Of each image its label, one byte, and its pixels. */
function records({ count, labels, image }: Split): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => [Uint8Array.of(labels[i]!), image(i)]).flat());
}
