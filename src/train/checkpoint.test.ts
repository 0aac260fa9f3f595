import { expect, test } from "vitest";
import { torchRandom } from "../random/index.ts";
import { readSafetensors, writeSafetensors } from "../weights/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.ts";

function checkpoint(): Checkpoint {
  const random = torchRandom(3);
  const epochStart = random.state();
  random.normal(3, 0, 1); // leaves a pending normal
  return {
    epochs: [
      {
        kind: "epoch",
        epoch: 1,
        epochs: 2,
        loss: 0.1 + 0.2,
        terms: { ce: 1 / 3 },
        seconds: 1.5,
        validationAccuracy: 100 / 3,
      },
    ],
    meter: { loss: 1e-300, terms: { ce: Math.PI }, batches: 2, seconds: 0.25 },
    random: { epochStart, now: random.state() },
    images: 22,
    batchSize: 8,
    states: new Map([
      ["parameter a", { shape: [2, 2], values: Float32Array.of(1, -0, 1e-40, 3.4e38) }],
      ["optimiser a/exp_avg", { shape: [], values: Float32Array.of(0.1) }],
    ]),
    best: new Map([["a", { shape: [2, 2], values: Float32Array.of(4, 3, -0, 1) }]]),
  };
}

test("a checkpoint comes back as it was, to the last bit", async () => {
  const back = await decodeCheckpoint(await encodeCheckpoint(checkpoint()));
  expect(back).toEqual(checkpoint());
  expect(Object.is(back.states.get("parameter a")!.values[1], -0)).toBe(true);
});

test("a checkpoint that was cut anywhere is refused", async () => {
  const bytes = await encodeCheckpoint(checkpoint());
  for (let length = 0; length < bytes.length; length += 97) {
    await expect(decodeCheckpoint(bytes.subarray(0, length), "file")).rejects.toMatchObject({ code: "WEIGHTS" });
  }
});

test("a checkpoint with any byte changed is refused", async () => {
  const bytes = await encodeCheckpoint(checkpoint());
  for (let at = 0; at < bytes.length; at += 61) {
    const changed = bytes.slice();
    changed[at]! ^= 1 << (at % 8);
    await expect(decodeCheckpoint(changed), `byte ${at}`).rejects.toMatchObject({ code: "WEIGHTS" });
  }
});

test.each([
  ["no JSON", "{"],
  ["nothing", ""],
  ["null", "null"],
  ["a list", "[]"],
  ["numbers that are none", '{"images":1e999}'],
])("a position that is %s is refused, though its checksum is right", async (_, position) => {
  const body = new Uint8Array((await encodeCheckpoint(checkpoint())).subarray(40));
  const rewritten = writeSafetensors(readSafetensors(body).tensors, { position });
  const checksum = new Uint8Array(await crypto.subtle.digest("SHA-256", rewritten));
  const file = new Uint8Array([...new TextEncoder().encode("limbeck2"), ...checksum, ...rewritten]);
  await expect(decodeCheckpoint(file, "checkpoint")).rejects.toMatchObject({
    code: "WEIGHTS",
    message: expect.stringMatching(/^checkpoint is no whole checkpoint: it has .*position/),
  });
});
