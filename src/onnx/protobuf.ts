/** @file Protocol buffers, as far as reading needs them: the fields of a message one after the other, nothing copied. https://protobuf.dev/programming-guides/encoding */
import { LimbeckError } from "../errors.ts";

/** A message, or another range of a file. */
export interface ByteRange {
  /** The whole file. */
  readonly file: Uint8Array;
  readonly begin: number;
  readonly end: number;
  /** Names the file in messages. */
  readonly source: string;
}

/** A number, or a range: text, bytes, a message, packed numbers, or the bytes of a fixed-size number. */
export interface Field extends ByteRange {
  readonly number: number;
  /** Of a varint; beyond 2^53 only nearly. Absent for a range. */
  readonly value?: number;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const LONGEST_VARINT = 10;

/** The whole of a file. */
export function wholeOf(file: Uint8Array, source: string): ByteRange {
  return { file, begin: 0, end: file.length, source };
}

/** The fields of a message. Throws WEIGHTS for bytes that are none, each field having to end inside of it. */
export function* fieldsOf(message: ByteRange, what: string): Generator<Field> {
  const { file, end, source } = message;
  const cursor = { at: message.begin };
  const varint = () => readVarint(message, cursor, what);
  while (cursor.at < end) {
    const begin = cursor.at;
    const tag = varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (!Number.isSafeInteger(tag) || number < 1) damaged(message, begin, `${what} has a field numbered ${number}`);
    if (wire === VARINT) {
      const from = cursor.at;
      const value = varint();
      yield { number, value, file, source, begin: from, end: cursor.at };
      continue;
    }
    const length = wire === DELIMITED ? varint() : wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : -1;
    if (length < 0) damaged(message, begin, `field ${number} of ${what} has the unknown wire type ${wire}`);
    const from = cursor.at;
    if (length > end - from) {
      damaged(message, begin, `field ${number} of ${what} should end by byte ${end}, but is ${length} bytes long`);
    }
    cursor.at = from + length;
    yield { number, file, source, begin: from, end: cursor.at };
  }
}

/** Text, which has to be UTF-8. Throws WEIGHTS. */
export function textOf(field: Field, what: string): string {
  const bytes = bytesOf(field, what);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return damaged(field, field.begin, `${what} should be text in UTF-8`);
  }
}

/** A view of the bytes. Throws WEIGHTS for a number. */
export function bytesOf(field: Field, what: string): Uint8Array {
  if (field.value !== undefined) damaged(field, field.begin, `${what} should be a range of bytes, got a number`);
  return field.file.subarray(field.begin, field.end);
}

/** A whole number. Throws WEIGHTS for a range. */
export function wholeNumberOf(field: Field, what: string): number {
  return field.value ?? damaged(field, field.begin, `${what} should be a whole number`);
}

/** Whole numbers of a repeated field: one, or several packed. Throws WEIGHTS. */
export function wholeNumbersOf(field: Field, what: string): number[] {
  if (field.value !== undefined) return [field.value];
  const cursor = { at: field.begin };
  const values: number[] = [];
  while (cursor.at < field.end) values.push(readVarint(field, cursor, what));
  return values;
}

/** float32 numbers of a repeated field: one, or several packed. Throws WEIGHTS. */
export function floatsOf(field: Field, what: string): Float32Array {
  const bytes = bytesOf(field, what);
  if (bytes.length % 4 !== 0) {
    damaged(field, field.begin, `${what} should be float32 numbers, but has ${bytes.length} bytes`);
  }
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** Throws WEIGHTS for what is not as an ONNX file has it. */
export function damaged({ source }: Pick<ByteRange, "source">, at: number, problem: string): never {
  throw new LimbeckError(
    "WEIGHTS",
    `${source}: at byte ${at}, ${problem}; the file is damaged, cut short or no ONNX file, take it again`,
  );
}

/** Seven bits a byte, the lowest first; ten bytes hold a negative number. */
function readVarint(within: ByteRange, cursor: { at: number }, what: string): number {
  const { file, end } = within;
  const begin = cursor.at;
  let value = 0;
  for (let i = 0; i < LONGEST_VARINT; i++) {
    const byte = cursor.at < end ? file[cursor.at++] : undefined;
    if (byte === undefined) return damaged(within, begin, `a number of ${what} is cut short`);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value < 2 ** 63 ? value : negative(file.subarray(begin, cursor.at));
  }
  return damaged(within, begin, `a number of ${what} is longer than ${LONGEST_VARINT} bytes`);
}

function negative(bytes: Uint8Array): number {
  const bits = bytes.reduce((sum, byte, i) => sum | (BigInt(byte & 0x7f) << BigInt(7 * i)), 0n);
  return Number(BigInt.asIntN(64, bits));
}
