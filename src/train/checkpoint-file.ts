/** @file A checkpoint as bytes: a mark, a checksum over everything after it, then a safetensors file. */
import { aMap, aString, bytes as someBytes, checkArguments, having, optional } from "../arguments.ts";
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import { parseStrictJson } from "../strict-json.ts";
import { readSafetensors, writeSafetensors, type StoredTensor } from "../weights/index.ts";
import type { Checkpoint, Position } from "./checkpoint.ts";

/** The first bytes; the digit is the version of what follows. */
const MARK = new TextEncoder().encode("limbeck1");
const CHECKSUM_BYTES = 32;
/** Before the names of the best epoch's states. */
const BEST = "best ";

/** The bytes of a checkpoint file: MARK, SHA-256 of the rest, and the states with the position as metadata. */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  checkArguments("encodeCheckpoint", {
    checkpoint: [checkpoint, having("a checkpoint", { states: aMap, best: optional(aMap) })],
  });
  const { states, best = new Map<string, StoredTensor>(), ...position } = checkpoint;
  const kept = [...best].map(([name, tensor]) => [BEST + name, tensor] as const);
  const body = writeSafetensors(new Map([...states, ...kept]), {
    position: written(position),
  });
  const file = new Uint8Array(MARK.length + CHECKSUM_BYTES + body.length);
  file.set(MARK);
  file.set(await sha256(body), MARK.length);
  file.set(body, MARK.length + CHECKSUM_BYTES);
  return file;
}

function written(position: Position): string {
  try {
    return JSON.stringify(position);
  } catch (cause) {
    throw new LimbeckError("ARGUMENT", "encodeCheckpoint: a position should be what JSON can hold", { cause });
  }
}

/** Reads such a file back. Throws WEIGHTS if a single bit differs from what was written. `source` names the file. */
export async function decodeCheckpoint(bytes: Uint8Array, source = "checkpoint"): Promise<Checkpoint> {
  checkArguments("decodeCheckpoint", { bytes: [bytes, someBytes], source: [source, aString] });
  const body = new Uint8Array(bytes.subarray(MARK.length + CHECKSUM_BYTES));
  if (!MARK.every((byte, i) => bytes[i] === byte)) throw damaged(source, "does not begin as a checkpoint does");
  const checksum = await sha256(body);
  if (!checksum.every((byte, i) => bytes[MARK.length + i] === byte)) throw damaged(source, "has another checksum");
  const { tensors, metadata } = readSafetensors(body, source);
  const parsed = position.safeParse(parseJson(metadata["position"], source));
  if (!parsed.success) throw damaged(source, `has no valid position (${parsed.error.issues[0]?.path.join(".")})`);
  const [states, best] = [new Map<string, StoredTensor>(), new Map<string, StoredTensor>()];
  for (const [name, tensor] of tensors) {
    if (name.startsWith(BEST)) best.set(name.slice(BEST.length), tensor);
    else states.set(name, tensor);
  }
  return { ...parsed.data, states, ...(best.size > 0 && { best }) };
}

const losses = { loss: z.number(), terms: z.record(z.string(), z.number()) };
const stream = z.strictObject({
  words: z.array(z.number()),
  used: z.number(),
  pendingNormal: z.number().nullable(),
});
const position: z.ZodType<Position> = z.strictObject({
  epochs: z.array(
    z.strictObject({
      kind: z.literal("epoch"),
      stage: z.string().exactOptional(),
      epoch: z.int(),
      epochs: z.int(),
      seconds: z.number(),
      validationAccuracy: z.number().exactOptional(),
      ...losses,
    }),
  ),
  tally: z.strictObject({ batches: z.int().nonnegative(), seconds: z.number(), ...losses }),
  random: z.strictObject({ epochStart: stream, now: stream }),
  images: z.int(),
  batchSize: z.int(),
});

function parseJson(text: string | undefined, source: string): unknown {
  try {
    return parseStrictJson(text ?? "null");
  } catch {
    throw damaged(source, "has a position that is no JSON");
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function damaged(source: string, how: string): LimbeckError {
  return new LimbeckError(
    "WEIGHTS",
    `${source} is no whole checkpoint: it ${how}; remove it to begin this run again, or put a good copy in its place`,
  );
}
