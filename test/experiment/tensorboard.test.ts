/** @file Event files for TensorBoard, decoded by protobufjs from the published definitions; a training that stopped and goes on has each step once. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crc32c, EVENT_FILE } from "../../src/experiment/node/event-file.ts";
import { openExperiment } from "../../src/experiment/node/open.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-tensorboard-"));
});
afterAll(() => rm(root, { recursive: true }));

const { root: definitions } = protobuf.parse(`syntax = "proto3";
package tensorboard;
message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
message Summary { repeated Value value = 1; message Value { string tag = 1; float simple_value = 2; } }`);
const Event = definitions.lookupType("tensorboard.Event");

interface Decoded {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] };
}

/** TFRecords as TensorFlow describes them: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details */
function decode(bytes: Buffer): Decoded[] {
  const found: Decoded[] = [];
  const masked = (part: Buffer): number => {
    const crc = crc32c(part);
    return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  };
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(masked(bytes.subarray(at, at + 8)));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(masked(message));
    found.push(Event.toObject(Event.decode(message), { longs: Number }) as Decoded);
    at += 16 + length;
  }
  return found;
}

async function scalars(folder: string): Promise<Record<string, (readonly [step: number, value: number])[]>> {
  const [first, ...events] = decode(await readFile(join(root, folder, "model", EVENT_FILE)));
  expect(first).toMatchObject({ fileVersion: "brain.Event:2" });
  const found: Record<string, (readonly [number, number])[]> = {};
  for (const { step, wallTime, summary } of events) {
    expect(Math.abs(wallTime - Date.now() / 1000)).toBeLessThan(600);
    for (const { tag, simpleValue } of summary?.value ?? []) (found[tag] ??= []).push([step, simpleValue]);
  }
  return found;
}

const config = {
  dataset: "shapes",
  limit: 40,
  batchSize: 8,
  validation: 8,
  epochs: 2,
  engine: "wasm",
  threads: 1,
  latency: false,
  tensorboard: true,
  schedule: "linear",
  learningRate: 0.008,
} as const;

async function run(folder: string, { resume = false, stopAfter = Infinity } = {}): Promise<void> {
  const abort = new AbortController();
  const options = { out: join(root, folder), resume, signal: abort.signal };
  const experiment = await openExperiment("train", resume ? {} : config, options);
  try {
    let steps = 0;
    for await (const { kind } of experiment.run()) if (kind === "step" && ++steps === stopAfter) abort.abort();
  } finally {
    await experiment.close();
  }
}

test("CRC32C has the published values", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  // RFC 3720, B.4
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

test("losses and rates of steps, means and accuracies of epochs, the test's accuracy; once each, however often it stopped", async () => {
  await run("whole");
  const found = await scalars("whole");
  const record = JSON.parse(await readFile(join(root, "whole/model/run.json"), "utf8")) as {
    epochs: { loss: number; validationAccuracy: number }[];
    test: { accuracy: number };
  };
  const steps = (await readFile(join(root, "whole/model/steps.jsonl"), "utf8")).trim().split("\n");
  const losses = steps.map((line) => (JSON.parse(line) as { loss: number }).loss);
  expect(found["loss/step"]).toEqual(losses.map((loss, i) => [i + 1, Math.fround(loss)]));
  const rates = losses.map((_, i) => [i + 1, Math.fround(0.008 * (1 - i / losses.length))]);
  expect(found["learning rate"]).toEqual(rates.map(([step, rate]) => [step, expect.closeTo(rate!, 8)]));
  const perEpoch = losses.length / 2;
  expect(found["loss/epoch"]).toEqual(record.epochs.map(({ loss }, i) => [(i + 1) * perEpoch, Math.fround(loss)]));
  expect(found["accuracy/validation"]).toEqual(
    record.epochs.map(({ validationAccuracy }, i) => [(i + 1) * perEpoch, Math.fround(validationAccuracy)]),
  );
  expect(found["accuracy/test, at the end"]).toEqual([[losses.length, Math.fround(record.test.accuracy)]]);

  await expect(run("stopped", { stopAfter: 3 })).rejects.toMatchObject({ code: "ABORTED" });
  const file = join(root, "stopped/model", EVENT_FILE);
  // Steps that a killed process had written but not saved, and half a record.
  const whole = await readFile(join(root, "whole/model", EVENT_FILE));
  await writeFile(file, Buffer.concat([await readFile(file), whole.subarray(whole.length - 150)]));
  await expect(run("stopped", { resume: true, stopAfter: 4 })).rejects.toMatchObject({ code: "ABORTED" });
  await writeFile(file, Buffer.concat([await readFile(file), whole.subarray(-100, -7)]));
  await run("stopped", { resume: true });
  expect(await scalars("stopped")).toEqual(found);
  await run("stopped", { resume: true });
  expect(await scalars("stopped")).toEqual(found);
});
