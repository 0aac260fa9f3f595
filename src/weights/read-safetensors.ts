/** @file The safetensors format, read: its header is checked in full before any number is. NOTE: in a file of its own, so that a page which only trains has none of it. */
import { aString } from "../arguments.ts";
import { LimbeckError, reasonOf } from "../errors.ts";
import { listOf, objectOf, ofKind, problemText } from "../json-checks.ts";
import { parseStrictJson } from "../strict-json.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/index.ts";
import { foreignFormat } from "./foreign.ts";
import { LENGTH_BYTES, METADATA_KEY, type StoredTensor } from "./safetensors.ts";
import { storedTypes, type StoredTypeName } from "./stored-types.ts";

/** What a file holds: tensors by name, in the order of their bytes, and free text by key. */
export interface StoredTensors {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file of F32, F16, BF16, F64, I32 or I64 tensors, each as float32. `source` names the file in messages.
 *
 * Throws WEIGHTS for bytes that are not a whole safetensors file, or hold another type.
 */
export function readSafetensors(bytes: Uint8Array, source = "weights"): StoredTensors {
  const { entries, metadata } = readHeader(bytes, source);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // NOTE: not bytes.slice(), which for Node's Buffer is a view of a larger buffer and no copy.
    const { buffer } = new Uint8Array(bytes.subarray(begin, end));
    tensors.set(name, { shape, values: storedTypes[dtype].decode(buffer) });
  }
  return { tensors, metadata };
}

/** A tensor's place in the file. */
interface HeaderEntry {
  readonly name: string;
  readonly dtype: StoredTypeName;
  readonly shape: Shape;
  /** Where it starts and ends, in bytes from the start of the file. */
  readonly begin: number;
  readonly end: number;
}

interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit. */
const MOST_HEADER_BYTES = 100_000_000;
/** An object of objects of lists. */
const DEEPEST = 3;
/** Characters of a message. */
const MOST_SHOWN = 1000;

/**
 * Reads and checks a file's header: its length, its JSON, each tensor's type, shape and size, and that the tensors fill the
 * file without gap or overlap. Throws WEIGHTS, naming `source`.
 */
function readHeader(bytes: Uint8Array, source: string): Header {
  const fail = (problem: string, options?: ErrorOptions): never => {
    // A name in a damaged file may be as long as the file.
    const shown = problem.length > MOST_SHOWN ? `${problem.slice(0, MOST_SHOWN)}...` : problem;
    throw new LimbeckError("WEIGHTS", `${source}: ${shown}`, options);
  };
  const foreign = foreignFormat(bytes, source);
  if (foreign !== undefined) fail(foreign);
  if (bytes.length < LENGTH_BYTES)
    fail(`should be a safetensors file of at least ${LENGTH_BYTES} bytes, got ${bytes.length}; take the file again`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > MOST_HEADER_BYTES)
    fail(`the header's length should be at most ${MOST_HEADER_BYTES}, got ${length}; is it a safetensors file?`);
  const start = LENGTH_BYTES + Number(length);
  if (start > bytes.length)
    fail(
      `the header should end at byte ${start}, but the file ends at ${bytes.length}; it is cut short, take it again`,
    );
  const parsed = parseJson(bytes.subarray(LENGTH_BYTES, start), fail);
  const metadata = readMetadata(parsed[METADATA_KEY], fail);
  const entries = Object.entries(parsed)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, value]) => readEntry(name, value, start, fail))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let filled = start;
  for (const { name, begin, end } of entries) {
    if (begin !== filled)
      fail(`tensor ${name} should start at byte ${filled - start} of the numbers, got ${begin - start}`);
    filled = end;
  }
  if (filled !== bytes.length)
    fail(`should be ${filled} bytes long by its header, got ${bytes.length}; take the file again`);
  return { entries, metadata };
}

type Fail = (problem: string, options?: ErrorOptions) => never;

const size = ofKind({
  expected: "a whole number from 0",
  is: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
});
const checkEntry = objectOf({ dtype: ofKind(aString), shape: listOf(size), data_offsets: listOf(size, 2) });

/** An entry as it stands in the file, checked. */
interface WrittenEntry {
  readonly dtype: string;
  readonly shape: Shape;
  readonly data_offsets: readonly [begin: number, end: number];
}

function parseJson(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseStrictJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), DEEPEST);
  } catch (cause) {
    fail(`the header should be JSON in UTF-8 (${reasonOf(cause)}); is it a safetensors file?`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail("the header should be a JSON object");
  return value as Record<string, unknown>;
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail(`${METADATA_KEY} in the header should be an object`);
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") fail(`${METADATA_KEY} in the header: ${key} should be text, got ${typeof text}`);
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, start: number, fail: Fail): HeaderEntry {
  const problem = checkEntry(value);
  if (problem) return fail(`tensor ${name} in the header: ${problemText(problem)}`);
  const { dtype, shape, data_offsets } = value as WrittenEntry;
  if (!isStoredType(dtype)) {
    const known = Object.keys(storedTypes).join(", ");
    return fail(`tensor ${name} should be one of ${known}, got ${dtype}; save it as F32`);
  }
  const [begin, end] = data_offsets;
  const expected = sizeOf(shape) * storedTypes[dtype].bytes;
  if (end - begin !== expected) {
    fail(`tensor ${name}, ${dtype} ${formatShape(shape)}, should take ${expected} bytes, got ${end - begin}`);
  }
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

function isStoredType(dtype: string): dtype is StoredTypeName {
  return Object.hasOwn(storedTypes, dtype);
}
