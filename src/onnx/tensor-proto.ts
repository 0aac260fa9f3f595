/** @file A constant of an ONNX file: its shape, its type, and where its numbers are. */
import { LimbeckError } from "../errors.ts";
import { formatShape, sizeOf } from "../tensor/index.ts";
import { storedTypes } from "../weights/index.ts";
import { ELEMENT, ENTRY, TENSOR } from "./fields.ts";
import {
  bytesOf,
  damaged,
  fieldsOf,
  floatsOf,
  textOf,
  wholeNumberOf,
  wholeNumbersOf,
  type ByteRange,
} from "./protobuf.ts";

/** A constant, its numbers not yet decoded. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** ONNX's number of its type. */
  readonly type: number;
  /** Its bytes, row-major and little-endian; absent where the numbers are listed, or stand in another file. */
  readonly raw?: Uint8Array;
  /** Its numbers where they are listed. */
  readonly listed?: ArrayLike<number>;
  /** Where its bytes are if in another file. */
  readonly external?: ExternalData;
  /** The byte of the file at which it begins, and the file's name. */
  readonly at: number;
  readonly source: string;
}

/** A range of another file, in the folder of the model's. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  /** As long as the tensor, if not said. */
  readonly length?: number | undefined;
}

/** Bytes of other files by their location. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/** How the raw bytes of each type become numbers, and whether they are whole numbers by type. */
const types: Readonly<Record<number, RawType>> = {
  [ELEMENT.float]: { ...storedTypes.F32, isWhole: false },
  [ELEMENT.float16]: { ...storedTypes.F16, isWhole: false },
  [ELEMENT.bfloat16]: { ...storedTypes.BF16, isWhole: false },
  [ELEMENT.double]: { bytes: 8, decode: (buffer) => new Float64Array(buffer), isWhole: false },
  [ELEMENT.int32]: { bytes: 4, decode: (buffer) => new Int32Array(buffer), isWhole: true },
  [ELEMENT.int64]: {
    bytes: 8,
    decode: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number),
    isWhole: true,
  },
  [ELEMENT.uint8]: { bytes: 1, decode: (buffer) => new Uint8Array(buffer), isWhole: true, range: [0, 255] },
  [ELEMENT.int8]: { bytes: 1, decode: (buffer) => new Int8Array(buffer), isWhole: true, range: [-128, 127] },
  [ELEMENT.bool]: { bytes: 1, decode: (buffer) => new Uint8Array(buffer), isWhole: true },
};

interface RawType {
  readonly bytes: number;
  readonly isWhole: boolean;
  /** Of the numbers that quantisation makes of this type. */
  readonly range?: readonly [least: number, most: number];
  decode(buffer: ArrayBuffer): ArrayLike<number>;
}

/** Reads a TensorProto. Throws WEIGHTS for a damaged one; of what stands in another file, nothing is looked at. */
export function readTensor(message: ByteRange, what: string): OnnxTensor {
  const dims: number[] = [];
  let floats: Float32Array | number[] | undefined;
  const wholes: number[] = [];
  const external: Record<string, string> = {};
  let [name, type, isExternal] = ["", 0, false];
  let raw: Uint8Array | undefined;
  for (const field of fieldsOf(message, what)) {
    if (field.number === TENSOR.dims)
      dims.push(...wholeNumbersOf(field, `the dims of ${what}`).slice(0, MOST_AXES + 1));
    else if (field.number === TENSOR.type) type = wholeNumberOf(field, `the type of ${what}`);
    else if (field.number === TENSOR.segment) damaged(field, field.begin, `${what} is a segment of a tensor`);
    else if (field.number === TENSOR.floats) floats = appended(floats, floatsOf(field, `the floats of ${what}`));
    else if (field.number === TENSOR.int32s || field.number === TENSOR.int64s) {
      for (const value of wholeNumbersOf(field, `the whole numbers of ${what}`)) wholes.push(value);
    } else if (field.number === TENSOR.name) name = textOf(field, `the name of ${what}`);
    else if (field.number === TENSOR.raw) raw = bytesOf(field, `the numbers of ${what}`);
    else if (field.number === TENSOR.external) {
      const [key, value] = readEntry(field, `the external data of ${what}`);
      external[key] = value;
    } else if (field.number === TENSOR.location)
      isExternal = wholeNumberOf(field, `the data location of ${what}`) === 1;
    if (dims.length > MOST_AXES) damaged(field, field.begin, `${what} has more than ${MOST_AXES} axes`);
  }
  const at = message.begin;
  const title = name === "" ? what : `${what} ${JSON.stringify(name.slice(0, 100))}`;
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 0) || !Number.isSafeInteger(sizeOf(dims))) {
    damaged(message, at, `${title} should have whole sizes that can be counted, got ${formatShape(dims)}`);
  }
  const common = { name, dims, type, at, source: message.source };
  if (isExternal) return { ...common, external: externalOf(external, message, title) };
  if (raw !== undefined) return { ...common, raw };
  return { ...common, listed: floats ?? wholes };
}

/** A StringStringEntryProto. Throws WEIGHTS. */
export function readEntry(message: ByteRange, what: string): readonly [key: string, value: string] {
  let [key, value] = ["", ""];
  for (const field of fieldsOf(message, what)) {
    if (field.number === ENTRY.key) key = textOf(field, what);
    if (field.number === ENTRY.value) value = textOf(field, what);
  }
  return [key, value];
}

/** Whether the constant's type is one of whole numbers. */
export function isWhole({ type }: OnnxTensor): boolean {
  return types[type]?.isWhole ?? false;
}

/** Between which numbers quantisation to the constant's type gives; `undefined` for types that it is not done to. */
export function rangeOf({ type }: OnnxTensor): RawType["range"] {
  return types[type]?.range;
}

/** A constant's numbers. Throws WEIGHTS where there are not as many as its shape says, UNSUPPORTED for another type. */
export function numbersOf(tensor: OnnxTensor, files: ExternalFiles): ArrayLike<number> {
  const { dims, type, listed, at, source, name } = tensor;
  const size = sizeOf(dims);
  const known = types[type];
  const title = `the constant ${JSON.stringify(name.slice(0, 100))}`;
  if (!known) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${source}: ${title} should be of floats or whole numbers, got ONNX's type ${type}; run the file by onnxruntime-node`,
    );
  }
  if (listed) {
    if (listed.length !== size) {
      damaged(tensor, at, `${title} ${formatShape(dims)} should have ${size} numbers, got ${listed.length}`);
    }
    if (type !== ELEMENT.float16 && type !== ELEMENT.bfloat16) return listed;
    // NOTE: the format lists them as whole numbers that hold their bits.
    return known.decode(Uint16Array.from(listed).buffer);
  }
  const raw = tensor.raw ?? externalBytes(tensor, size * known.bytes, files);
  if (raw.length !== size * known.bytes) {
    damaged(tensor, at, `${title} ${formatShape(dims)} should take ${size * known.bytes} bytes, got ${raw.length}`);
  }
  // NOTE: a copy, since a view may begin at any byte.
  return known.decode(new Uint8Array(raw).buffer);
}

const MOST_AXES = 32;

function externalBytes(tensor: OnnxTensor, bytes: number, files: ExternalFiles): Uint8Array {
  const { location, offset, length = bytes } = tensor.external!;
  const file = files.get(location);
  if (!file) {
    throw new LimbeckError(
      "DATA_MISSING",
      `${tensor.source}: the numbers of ${JSON.stringify(tensor.name)} are in ${JSON.stringify(location.slice(0, 200))}, which was not given; ` +
        "keep that file beside the model's",
    );
  }
  if (offset + length > file.length) {
    damaged(
      tensor,
      tensor.at,
      `the numbers of ${JSON.stringify(tensor.name)} should end by byte ${file.length} of ${location}, but end at ${offset + length}`,
    );
  }
  return file.subarray(offset, offset + length);
}

function externalOf(entries: Readonly<Record<string, string>>, message: ByteRange, what: string): ExternalData {
  const { location, offset = "0", length } = entries;
  const numbers = [offset, ...(length === undefined ? [] : [length])];
  if (location === undefined || !numbers.every((text) => /^\d{1,15}$/.test(text))) {
    return damaged(message, message.begin, `${what} should say where its numbers are: location, offset, length`);
  }
  return { location, offset: Number(offset), length: length === undefined ? undefined : Number(length) };
}

/** NOTE: a list once there are several parts: an object for each of a million numbers would take a hundred times their bytes. */
function appended(before: Float32Array | number[] | undefined, part: Float32Array): Float32Array | number[] {
  if (before === undefined) return part;
  const list = before instanceof Float32Array ? Array.from(before) : before;
  for (const value of part) list.push(value);
  return list;
}
