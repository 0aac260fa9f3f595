/** @file Attacks `decodeCheckpoint`: damage that the checksum tells, and hostile files whose checksum is right. */
import { createHash } from "node:crypto";
import type { Stream } from "../../../src/data/stream.ts";
import { torchRandom } from "../../../src/random/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../../../src/train/checkpoint.ts";
import { readSafetensors, writeSafetensors } from "../../../src/weights/index.ts";
import { mutateBytes, mutateJson } from "../mutate.ts";
import { withHeader } from "./safetensors.ts";
import { sameBytes, type Target } from "./target.ts";

/** Before the body: the mark and the checksum. */
const markBytes = 8;
const bodyAt = markBytes + 32;

const state = torchRandom(1).state();
const checkpoint: Checkpoint = {
  epochs: [{ kind: "epoch", epoch: 1, epochs: 2, loss: 0.5, terms: { ce: 0.5 }, seconds: 1.5, validationAccuracy: 50 }],
  meter: { loss: 1, terms: { ce: 1 }, batches: 2, seconds: 0.25 },
  random: { epochStart: state, now: state },
  images: 22,
  batchSize: 8,
  states: new Map([["parameter a", { shape: [2, 2], values: Float32Array.of(1, -0, 1e-40, 3.4e38) }]]),
  best: new Map([["a", { shape: [2, 2], values: Float32Array.of(4, 3, -0, 1) }]]),
};
const valid = new Uint8Array(await encodeCheckpoint(checkpoint));
const body = valid.slice(bodyAt);
const { tensors, metadata } = readSafetensors(body);
const position: unknown = JSON.parse(metadata["position"]!);

export const checkpointTarget: Target = {
  name: "checkpoint",
  share: 20,
  async attempt(random) {
    if (random.below(3) === 0) {
      const damaged = mutateBytes(valid, random);
      await decodeCheckpoint(damaged);
      return sameBytes(damaged, valid) ? undefined : "damage was not told";
    }
    const { random: stream } = await decodeCheckpoint(signed(hostileBody(random)));
    for (const each of Object.values(stream)) torchRandom(0).restore(each);
    return undefined;
  },
};

function hostileBody(random: Stream): Uint8Array {
  if (random.below(4) === 0) return withHeader(body, random);
  return writeSafetensors(tensors, { position: mutateJson(position, random) });
}

/** As a checkpoint file, its checksum right. */
function signed(content: Uint8Array): Uint8Array {
  return Buffer.concat([valid.subarray(0, markBytes), createHash("sha256").update(content).digest(), content]);
}
