/** @file What an ONNX file says: its graph of nodes and constants, its inputs and outputs, and its metadata. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import {
  ATTRIBUTE,
  ATTRIBUTE_OTHERS,
  GRAPH,
  MODEL,
  NODE,
  OPERATORS,
  SIZE,
  TENSOR_TYPE,
  TYPE,
  VALUE,
} from "./fields.ts";
import {
  damaged,
  fieldsOf,
  floatsOf,
  textOf,
  wholeNumberOf,
  wholeNumbersOf,
  wholeOf,
  type Field,
  type ByteRange,
} from "./protobuf.ts";
import { readEntry, readTensor, type OnnxTensor } from "./tensor-proto.ts";

/** An ONNX file, read and not yet looked through. */
export interface OnnxFile {
  /** Names it in messages. */
  readonly source: string;
  /** The version of the standard operators that it is written in. */
  readonly opset: number;
  readonly producer: string;
  /** Its metadata_props. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: readonly OnnxNode[];
  /** The constants, by name. */
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** What it is given: the images. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** An operation of the graph. */
export interface OnnxNode {
  readonly op: string;
  /** Empty for the standard's own. */
  readonly domain: string;
  readonly name: string;
  /** Names of values; an empty one stands for an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** The byte of the file at which it begins. */
  readonly at: number;
}

/** A number, text, a list of numbers, a constant; "other" for graphs and what else no operator here reads. */
export type Attribute = number | string | readonly number[] | OnnxTensor | { readonly kind: "other" };

/** An input or output of the graph. */
export interface ValueInfo {
  readonly name: string;
  /** ONNX's number of its type; 1 is float32. */
  readonly type?: number | undefined;
  /** A size that is not fixed is its name, or empty; absent for a value whose shape is not said. */
  readonly dims?: readonly (number | string)[] | undefined;
}

/** Reads an ONNX file's bytes. Throws WEIGHTS, with the byte at which it is damaged. */
export function readOnnx(file: Uint8Array, source = "the ONNX file"): OnnxFile {
  const whole = wholeOf(file, source);
  const metadata = new Map<string, string>();
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const [inputs, outputs]: [ValueInfo[], ValueInfo[]] = [[], []];
  let [opset, producer, hasGraph] = [0, "", false];
  for (const field of fieldsOf(whole, "the model")) {
    if (field.number === MODEL.producer) producer = textOf(field, "the producer");
    else if (field.number === MODEL.operators) opset = standardVersion(field) ?? opset;
    else if (field.number === MODEL.metadata) metadata.set(...readEntry(field, "the metadata"));
    else if (field.number === MODEL.graph) {
      // NOTE: a message that comes twice adds up; that is how outputs are added to a file.
      hasGraph = true;
      for (const part of fieldsOf(field, "the graph")) {
        if (part.number === GRAPH.node) nodes.push(readNode(part, `node ${nodes.length}`));
        else if (part.number === GRAPH.initializer) {
          const tensor = readTensor(part, `constant ${initializers.size}`);
          if (initializers.has(tensor.name))
            damaged(part, part.begin, `two constants are named ${shownName(tensor.name)}`);
          initializers.set(tensor.name, tensor);
        } else if (part.number === GRAPH.input) inputs.push(readValueInfo(part, `input ${inputs.length}`));
        else if (part.number === GRAPH.output) outputs.push(readValueInfo(part, `output ${outputs.length}`));
        else if (part.number === GRAPH.sparse)
          damaged(part, part.begin, "the graph has sparse constants, which cannot be read");
      }
    }
  }
  for (const [what, count] of [
    ["nodes", nodes.length],
    ["inputs", inputs.length],
    ["outputs", outputs.length],
  ] as const) {
    if (count > MOST_NODES) damaged(whole, 0, `the graph should have at most ${MOST_NODES} ${what}`);
  }
  if (!hasGraph) damaged(whole, whole.end, "the file ends without a graph");
  if (opset === 0) damaged(whole, whole.end, "the file does not say the version of its operators");
  const given = inputs.filter(({ name }) => !initializers.has(name));
  return { source, opset, producer, metadata, nodes, initializers, inputs: given, outputs };
}

/** NOTE: a node of two bytes takes a few hundred in memory. */
const MOST_NODES = 100_000;

/** A name for a message: a damaged one may be as long as the file. */
export function shownName(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}

function standardVersion(message: ByteRange): number | undefined {
  let [domain, version] = ["", 0];
  for (const field of fieldsOf(message, "the operators' version")) {
    if (field.number === OPERATORS.domain) domain = textOf(field, "the operators' domain");
    if (field.number === OPERATORS.version) version = wholeNumberOf(field, "the operators' version");
  }
  return domain === "" || domain === "ai.onnx" ? version : undefined;
}

function readNode(message: Field, what: string): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let [name, op, domain] = ["", "", ""];
  for (const field of fieldsOf(message, what)) {
    if (field.number === NODE.input) inputs.push(textOf(field, `an input of ${what}`));
    else if (field.number === NODE.output) outputs.push(textOf(field, `an output of ${what}`));
    else if (field.number === NODE.name) name = textOf(field, `the name of ${what}`);
    else if (field.number === NODE.operator) op = textOf(field, `the operator of ${what}`);
    else if (field.number === NODE.attribute) attributes.set(...readAttribute(field, what));
    else if (field.number === NODE.domain) domain = textOf(field, `the domain of ${what}`);
  }
  return { name, op, domain: domain === "ai.onnx" ? "" : domain, inputs, outputs, attributes, at: message.begin };
}

/** NOTE: an attribute's kind follows from the field that it is in; its declared type is not needed. Graphs are not entered. */
function readAttribute(message: ByteRange, node: string): readonly [name: string, value: Attribute] {
  const what = `an attribute of ${node}`;
  const wholes: number[] = [];
  const floats: number[] = [];
  let name = "";
  let value: Attribute | undefined;
  for (const field of fieldsOf(message, what)) {
    if (field.number === ATTRIBUTE.name) name = textOf(field, what);
    else if (field.number === ATTRIBUTE.float) value = floatsOf(field, what)[0] ?? 0;
    else if (field.number === ATTRIBUTE.int) value = wholeNumberOf(field, what);
    else if (field.number === ATTRIBUTE.text) value = textOf(field, what);
    else if (field.number === ATTRIBUTE.tensor) value = readTensor(field, what);
    else if (field.number === ATTRIBUTE.floats) for (const each of floatsOf(field, what)) floats.push(each);
    else if (field.number === ATTRIBUTE.ints) for (const each of wholeNumbersOf(field, what)) wholes.push(each);
    else if (ATTRIBUTE_OTHERS.includes(field.number)) value = { kind: "other" };
  }
  return [name, value ?? (floats.length > 0 ? floats : wholes)];
}

/** NOTE: by hand, message by message: name and type, of the type the tensor's, of that its element type and shape. */
function readValueInfo(message: ByteRange, what: string): ValueInfo {
  let name = "";
  let type: number | undefined;
  let dims: (number | string)[] | undefined;
  for (const field of fieldsOf(message, what)) {
    if (field.number === VALUE.name) name = textOf(field, `the name of ${what}`);
    if (field.number !== VALUE.type) continue;
    for (const tensor of fieldsOf(field, `the type of ${what}`)) {
      if (tensor.number !== TYPE.tensor) continue;
      for (const part of fieldsOf(tensor, `the type of ${what}`)) {
        if (part.number === TENSOR_TYPE.element) type = wholeNumberOf(part, `the type of ${what}`);
        if (part.number !== TENSOR_TYPE.shape) continue;
        dims = [];
        for (const dim of fieldsOf(part, `the shape of ${what}`)) dims.push(readDim(dim, what));
      }
    }
  }
  return { name, type, dims };
}

function readDim(message: ByteRange, what: string): number | string {
  let size: number | string = "";
  for (const field of fieldsOf(message, `a size of ${what}`)) {
    if (field.number === SIZE.value) size = wholeNumberOf(field, `a size of ${what}`);
    if (field.number === SIZE.name) size = textOf(field, `a size of ${what}`);
  }
  return size;
}
