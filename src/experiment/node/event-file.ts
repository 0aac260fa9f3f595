/**
 * @file TensorBoard's event file: records of a length, a message and their masked CRC32C, each message an `Event` with scalars.
 * https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
 *
 * NOTE: no npm package writes them without TensorFlow's native library.
 */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { readIfThere } from "../../data/node/read-file.ts";
import { protobuf } from "../../onnx/index.ts";

const { delimited, double, float, joined, text, wholeNumber } = protobuf;

/** TensorBoard takes files with `tfevents` in their name. */
export const EVENT_FILE = "events.out.tfevents.0.limbeck";

/** Scalars by tag, such as `loss/epoch`. */
export type Scalars = Readonly<Record<string, number>>;

/** A file that grows; what is added is with the operating system when `add` returns, so that a checkpoint never knows steps that the file does not. */
export interface EventFile {
  add(step: number, scalars: Scalars): void;
  close(): void;
}

/** Opens it with what it holds of steps up to `done`; what comes after, a record that is not whole among it, was not saved, and is cut off. */
export async function openEventFile(path: string, done: number): Promise<EventFile> {
  const kept = wholeRecords((await readIfThere(path)) ?? new Uint8Array()).filter(({ step }) => step <= done);
  const start = kept.length > 0 ? kept.map(({ bytes }) => bytes) : [record(event(0, [text(3, "brain.Event:2")]))];
  writeFileSync(path, joined(start));
  const file = openSync(path, "a");
  return {
    add(step, scalars) {
      const values = Object.entries(scalars).map(([tag, value]) => delimited(1, [...text(1, tag), ...float(2, value)]));
      writeSync(file, record(event(step, delimited(5, values.flat()))));
    },
    close: () => closeSync(file),
  };
}

function event(step: number, what: readonly Uint8Array[] | readonly (readonly Uint8Array[])[]): Uint8Array {
  return joined([...double(1, Date.now() / 1000), ...wholeNumber(2, step), ...what.flat()]);
}

const LENGTH = 8;
const CHECKSUM = 4;

/** The length, its checksum, the message, its checksum. */
function record(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH + CHECKSUM + message.length + CHECKSUM);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(LENGTH, maskedChecksum(bytes.subarray(0, LENGTH)), true);
  bytes.set(message, LENGTH + CHECKSUM);
  view.setUint32(bytes.length - CHECKSUM, maskedChecksum(message), true);
  return bytes;
}

/** The records from the first on, as far as they are whole. */
function wholeRecords(bytes: Uint8Array): readonly { readonly bytes: Uint8Array; readonly step: number }[] {
  const found = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + LENGTH + CHECKSUM <= bytes.length;) {
    const end = at + LENGTH + CHECKSUM + Number(view.getBigUint64(at, true)) + CHECKSUM;
    if (end > bytes.length) break;
    const message = bytes.subarray(at + LENGTH + CHECKSUM, end - CHECKSUM);
    if (view.getUint32(end - CHECKSUM, true) !== maskedChecksum(message)) break;
    found.push({ bytes: bytes.subarray(at, end), step: stepOf(message) });
    at = end;
  }
  return found;
}

/** Of a message that `event` has made: nine bytes of the date, the field's number, then the step. */
function stepOf(message: Uint8Array): number {
  let step = 0;
  for (let at = 10, factor = 1; ; at++, factor *= 128) {
    const byte = message[at] ?? 0;
    step += (byte & 0x7f) * factor;
    if (byte < 0x80) return step;
  }
}

/** CRC32C, turned by 15 bits and moved, so that a checksum may be a part of what has one. */
function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's, 0x1EDC6F41, the lowest bit first. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (castagnoli[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
