/** @file Writes small ONNX files, right ones and wrong ones. */

/** A node: operator, inputs, outputs, attributes. */
export type NodeDraft = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Attributes,
];

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

export interface TensorDraft {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** ONNX's number: 1 float32, 2 uint8, 3 int8, 6 int32 (listed), 7 int64, 10 float16 and 16 bfloat16 (values are bits). */
  readonly type?: number;
  /** Whether numbers are listed and not raw bytes. */
  readonly isListed?: boolean;
  readonly external?: Readonly<Record<string, string>>;
}

export interface FileDraft {
  readonly nodes: readonly NodeDraft[];
  readonly constants?: Readonly<Record<string, TensorDraft>>;
  readonly inputs?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of a file. */
export function onnxFile({
  nodes,
  constants = {},
  inputs = { x: ["n", 3, 8, 8] },
  outputs = ["y"],
  opset = 13,
  metadata = {},
}: FileDraft): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.map((node) => message(1, nodeOf(node))),
    ...Object.entries(constants).map(([name, tensor]) => message(5, tensorOf(name, tensor))),
    ...Object.entries(inputs).map(([name, dims]) => message(11, valueOf(name, dims))),
    ...outputs.map((name) => message(12, text(1, name))),
  ];
  return joined([
    varint(1, 8),
    message(7, joined(graph)),
    message(8, varint(2, opset)),
    ...Object.entries(metadata).map(([key, value]) => message(14, joined([text(1, key), text(2, value)]))),
  ]);
}

function nodeOf([op, inputs, outputs, attributes = {}]: NodeDraft): Uint8Array {
  return joined([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, `${op} of ${outputs[0] ?? "nothing"}`),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, joined([text(1, name), attributeOf(value)]))),
  ]);
}

/** Its value, and the number of its type. */
function attributeOf(value: number | string | readonly number[]): Uint8Array {
  if (typeof value === "string") return joined([text(4, value), varint(20, 3)]);
  if (typeof value !== "number") return joined([...value.map((each) => varint(8, each)), varint(20, 7)]);
  if (Number.isInteger(value)) return joined([varint(3, value), varint(20, 2)]);
  return joined([tag(2, 5), new Uint8Array(Float32Array.of(value).buffer), varint(20, 1)]);
}

function tensorOf(name: string, { dims, values, type = 1, isListed, external }: TensorDraft): Uint8Array {
  const head = [...dims.map((size) => varint(1, size)), varint(2, type), text(8, name)];
  if (external) {
    const entries = Object.entries(external).map(([key, value]) => message(13, joined([text(1, key), text(2, value)])));
    return joined([...head, ...entries, varint(14, 1)]);
  }
  if (isListed) {
    if (type === 1) return joined([...head, message(4, new Uint8Array(Float32Array.from(values).buffer))]);
    return joined([...head, ...values.map((value) => varint(type === 7 ? 7 : 5, value))]);
  }
  return joined([...head, message(9, rawOf(values, type))]);
}

function rawOf(values: readonly number[], type: number): Uint8Array {
  if (type === 7) return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return new Uint8Array((type === 1 ? Float32Array.from(values) : Uint16Array.from(values)).buffer);
}

function valueOf(name: string, dims: readonly (number | string)[]): Uint8Array {
  const shape = dims.map((size) => message(1, typeof size === "number" ? varint(1, size) : text(2, size)));
  return joined([text(1, name), message(2, message(1, joined([varint(1, 1), message(2, joined(shape))])))]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, new TextEncoder().encode(value));
}

export function message(field: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined([tag(field, 2), digits(BigInt(bytes.length)), bytes]);
}

export function varint(field: number, value: number): Uint8Array<ArrayBuffer> {
  return joined([tag(field, 0), digits(BigInt.asUintN(64, BigInt(value)))]);
}

function tag(field: number, wire: number): Uint8Array {
  return digits(BigInt(field * 8 + wire));
}

function digits(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
