/** @file ONNX files that are damaged, hostile or odd: each becomes a network that can be recorded for any batch, or ends in a coded error, in bounded time and memory. */
import { readFileSync } from "node:fs";
import { Stream } from "../../src/data/stream.ts";
import { LimbeckError } from "../../src/errors.ts";
import { record } from "../../src/nn/index.ts";
import { importOnnx, tapOnnx } from "../../src/onnx/index.ts";
import { input } from "../../src/tensor/index.ts";
import type { Attack } from "./attack.ts";
import { mutateBytes, pick } from "./mutate.ts";
import { oddDraft } from "./onnx/drafts.ts";
import { onnxFile } from "../../test/onnx/onnx-file.ts";

/** Sets this use of a seed apart from others: "onnx" in ASCII. */
const KEY = 0x6f6e6e78;
/** A try takes milliseconds; on a busy machine it may have to wait. */
const mostSeconds = 10;
/** Above what there was: files are at most 130 kB. */
const mostBytes = 2 ** 30;

const files = ["resnet", "shufflenet-v2-any-batch", "vgg", "pools", "softmax", "vit", "generator", "densenet"].map(
  (name) => new Uint8Array(readFileSync(new URL(`../../src/onnx/golden/${name}.onnx`, import.meta.url))),
);

export const onnxFiles: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  const before = process.memoryUsage().rss;
  for (let i = 0; i < count; i++) {
    const random = new Stream(seed, KEY, i);
    const begin = performance.now();
    const fault = faultOf(oddFile(random));
    if (fault !== undefined) faults.push(`${seed}.${i}: ${fault}`);
    const seconds = (performance.now() - begin) / 1000;
    if (seconds > mostSeconds) faults.push(`${seed}.${i}: took ${seconds.toFixed(1)} s`);
    const grown = process.memoryUsage().rss - before;
    if (grown > mostBytes)
      return { tried: i, faults: [...faults, `${seed}.${i}: ${Math.round(grown / 2 ** 20)} MiB more than at first`] };
    if (i % 1000 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

/** A file of PyTorch's that is damaged, or one whose graph is odd; sometimes both. */
function oddFile(random: Stream): Uint8Array {
  if (random.below(3) > 0) {
    const bytes = onnxFile(oddDraft(random));
    return random.below(8) === 0 ? mutateBytes(bytes, random) : bytes;
  }
  const bytes = pick(random, files);
  return random.below(3) === 0 ? bytes.subarray(0, random.below(bytes.length)) : mutateBytes(bytes, random);
}

function faultOf(bytes: Uint8Array): string | undefined {
  const shape = { inputShape: [3, 8, 8] as const };
  return (
    faultIn(() => tapOnnx(bytes, { source: "odd.onnx", ...shape })) ??
    faultIn(() => {
      const { model, values } = importOnnx(bytes, shape);
      for (const [tensor, each] of values) if (tensor.size !== each.length) throw new Error("a value of another size");
      for (const batch of [1, 2, 5]) {
        const { shape: logits } = record(model.module, input("images", [batch, ...model.inputShape]), {
          training: false,
        }).output;
        if (logits[0] !== batch || logits[1] !== model.classes)
          throw new Error(`logits [${logits.join(", ")}] of ${batch} images`);
      }
    })
  );
}

function faultIn(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof LimbeckError)
      return error.message.length > 5000 ? "a message of more than 5,000 characters" : undefined;
    return String((error as Error).stack ?? error)
      .split("\n")
      .slice(0, 4)
      .join(" ");
  }
}
