/** @file ONNX files from what is to be in them. */
import { version } from "../version.ts";
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  ELEMENT,
  ENTRY,
  GRAPH,
  MODEL,
  NODE,
  OPERATORS,
  SHAPE,
  SIZE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE,
} from "./fields.ts";
import { float, joined, delimited, text, wholeNumber, type Pieces } from "./protobuf-writer.ts";

/** The version of the standard operators that files are written in, from 2022, and that of the format that came with it. */
export const OPSET = 17;
const IR_VERSION = 8;

/** A graph of the standard's operators. */
export interface OnnxGraph {
  /** In an order in which they can run. */
  readonly nodes: readonly OnnxOperation[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxOperation {
  readonly operator: string;
  /** Names of values; an empty one stands for an input that is left out. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Attributes;
}

/** Each said by its type, since a number may be whole and a float. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
export type AttributeValue =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string };

/** Numbers that stand in the file. `Uint16Array` holds float16's bits. */
export interface OnnxConstant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly numbers: Float32Array | Uint16Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
}

/** An input or output of float32. A size that is open has a name. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

/** The bytes of a file. The same graph gives the same bytes. */
export function writeOnnx({ nodes, constants, inputs, outputs, metadata }: OnnxGraph): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.flatMap((node) => delimited(GRAPH.node, nodeOf(node))),
    ...text(GRAPH.name, "student"),
    ...constants.flatMap((constant) => delimited(GRAPH.initializer, tensorOf(constant))),
    ...inputs.flatMap((value) => delimited(GRAPH.input, valueOf(value))),
    ...outputs.flatMap((value) => delimited(GRAPH.output, valueOf(value))),
  ];
  return joined([
    ...wholeNumber(MODEL.irVersion, IR_VERSION),
    ...text(MODEL.producer, "limbeck"),
    ...text(MODEL.producerVersion, version),
    ...delimited(MODEL.graph, graph),
    ...delimited(MODEL.operators, wholeNumber(OPERATORS.version, OPSET)),
    ...Object.entries(metadata).flatMap(([key, value]) =>
      delimited(MODEL.metadata, [...text(ENTRY.key, key), ...text(ENTRY.value, value)]),
    ),
  ]);
}

function nodeOf({ operator, inputs, output, attributes }: OnnxOperation): Pieces {
  return [
    ...inputs.flatMap((name) => text(NODE.input, name)),
    ...text(NODE.output, output),
    ...text(NODE.name, output),
    ...text(NODE.operator, operator),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      delimited(NODE.attribute, [...text(ATTRIBUTE.name, name), ...attributeOf(value)]),
    ),
  ];
}

function attributeOf(value: AttributeValue): Pieces {
  const typed = (type: keyof typeof ATTRIBUTE_TYPE, pieces: Pieces): Pieces => [
    ...pieces,
    ...wholeNumber(ATTRIBUTE.type, ATTRIBUTE_TYPE[type]),
  ];
  if ("int" in value) return typed("int", wholeNumber(ATTRIBUTE.int, value.int));
  if ("float" in value) return typed("float", float(ATTRIBUTE.float, value.float));
  if ("text" in value) return typed("text", text(ATTRIBUTE.text, value.text));
  return typed(
    "ints",
    value.ints.flatMap((each) => wholeNumber(ATTRIBUTE.ints, each)),
  );
}

function tensorOf({ name, dims, numbers }: OnnxConstant): Pieces {
  const { buffer, byteOffset, byteLength } = numbers;
  return [
    ...dims.flatMap((size) => wholeNumber(TENSOR.dims, size)),
    ...wholeNumber(TENSOR.type, ELEMENT[elementOf(numbers)]),
    ...text(TENSOR.name, name),
    ...delimited(TENSOR.raw, [new Uint8Array(buffer, byteOffset, byteLength)]),
  ];
}

function elementOf(numbers: OnnxConstant["numbers"]): keyof typeof ELEMENT {
  if (numbers instanceof Float32Array) return "float";
  if (numbers instanceof Uint16Array) return "float16";
  if (numbers instanceof Uint8Array) return "uint8";
  if (numbers instanceof Int8Array) return "int8";
  return numbers instanceof Int32Array ? "int32" : "int64";
}

function valueOf({ name, dims }: OnnxValue): Pieces {
  const shape = dims.flatMap((size) =>
    delimited(SHAPE.size, typeof size === "number" ? wholeNumber(SIZE.value, size) : text(SIZE.name, size)),
  );
  const tensor = [...wholeNumber(TENSOR_TYPE.element, ELEMENT.float), ...delimited(TENSOR_TYPE.shape, shape)];
  return [...text(VALUE.name, name), ...delimited(VALUE.type, delimited(TYPE.tensor, tensor))];
}
