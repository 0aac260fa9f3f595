/** @file An ONNX graph made ready to be recorded: the nodes that the logits need, the constants' values, the classifier. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { sizeOf, state, type Tensor } from "../tensor/index.ts";
import type { Made } from "./call.ts";
import { dequantised, MOST_MULTIPLIED } from "./dequantised.ts";
import { findClassifier, type Classifier } from "./classifier.ts";
import { logitsOf, type Logits } from "./logits.ts";
import { ELEMENT } from "./fields.ts";
import type { Placed } from "./image-axis.ts";
import type { OnnxFile, OnnxNode, ValueInfo } from "./model-proto.ts";
import { shownName } from "./model-proto.ts";
import { operators } from "./operators/index.ts";
import { makersOf, orderedNodes } from "./order.ts";
import { isWhole, numbersOf, rangeOf, type ExternalFiles, type OnnxTensor } from "./tensor-proto.ts";
import { MOST_NUMBERS, weight, type Value } from "./value.ts";

/** What is recorded anew for each batch. */
export interface Program {
  /** Names the file in messages. */
  readonly source: string;
  readonly opset: number;
  /** The images. */
  readonly input: ValueInfo;
  readonly logits: Logits;
  /** In an order in which they can run, without those that make constants. */
  readonly nodes: readonly OnnxNode[];
  /** Constants that the nodes take, by name. */
  readonly constants: ReadonlyMap<string, Value>;
  /** The values of those that are states. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  readonly classifier: Classifier | undefined;
  /** Filled when the graph is first recorded, as `Setting` has it. */
  readonly reshaped: Map<OnnxNode, Placed>;
  readonly made: Map<string, Made>;
}

/** Throws WEIGHTS for a graph that cannot run, UNSUPPORTED for operators that are not known, naming the first of them. */
export function programOf(file: OnnxFile, input: ValueInfo, output: string, external: ExternalFiles): Program {
  const maker = makersOf(file);
  const logits = logitsOf(file, output, maker);
  const all = orderedNodes(file, [logits.value]);
  const tensors = constantsOf(file, all, external);
  const nodes = all.filter(
    ({ op, domain, outputs }) => !(domain === "" && (op === "Constant" || tensors.has(outputs[0] ?? ""))),
  );
  checkOperators(file, nodes);
  const constants = new Map<string, Value>();
  const values = new Map<Tensor, Float32Array>();
  const held = new Map<OnnxTensor, Value>();
  const known = new Set(nodes.flatMap(({ op, inputs }) => (scaling.has(op) ? inputs.slice(1) : [])));
  for (const name of new Set(nodes.flatMap(({ inputs }) => inputs))) {
    const tensor = tensors.get(name);
    if (!tensor) continue;
    const before = held.get(tensor);
    const numbers = before ? [] : numbersOf(tensor, external);
    const value = before ?? valueOf(tensor, numbers, known.has(name));
    held.set(tensor, value);
    constants.set(name, value);
    if (!before && value.kind === "weight") values.set(value.tensor, Float32Array.from(numbers));
  }
  const classifier = findClassifier({ file, maker, logits, constants, values, nodes });
  // NOTE: not the file itself, whose bytes would be held as long as the network is.
  const { source, opset } = file;
  const recorded = { reshaped: new Map<OnnxNode, Placed>(), made: new Map<string, Made>() };
  return { source, opset, input, logits, nodes, constants, values, ...recorded, classifier };
}

/** What takes sizes as lists of floats. */
const scaling: ReadonlySet<string> = new Set(["Resize", "Upsample"]);

/** A few numbers stay numbers: of one element, of a type of whole numbers, or those that have to be known. */
function valueOf(tensor: OnnxTensor, numbers: ArrayLike<number>, isKnown: boolean): Value {
  const { name } = tensor;
  const size = sizeOf(tensor.dims);
  const whole = isWhole(tensor);
  if (size > 1 && !whole && !isKnown) return weight(state(name, tensor.dims));
  if (size <= MOST_NUMBERS)
    return { kind: "numbers", dims: tensor.dims, values: Array.from(numbers), isWhole: whole, range: rangeOf(tensor) };
  throw new LimbeckError(
    "UNSUPPORTED",
    `${tensor.source}: the constant ${shownName(name)} holds ${size} whole numbers, as a quantised network's do; it cannot be imported, ` +
      "run the file by onnxruntime-node",
  );
}

/**
 * The constants of the file, those that nodes of the graph are, and those that nodes only pass on: exporters keep equal ones once, and weights as float16 or
 * whole numbers. */
function constantsOf(
  file: OnnxFile,
  nodes: readonly OnnxNode[],
  external: ExternalFiles,
): ReadonlyMap<string, OnnxTensor> {
  const tensors = new Map(file.initializers);
  const room = { left: MOST_MULTIPLIED };
  for (const node of nodes) {
    const { op, domain, inputs, outputs, attributes, at } = node;
    const [name] = outputs;
    const isPassing = domain === "" && (op === "Identity" || (op === "Cast" && attributes.get("to") === ELEMENT.float));
    const given = isPassing ? tensors.get(inputs[0] ?? "") : undefined;
    const passed = given && (op === "Identity" || !isWhole(given)) ? given : undefined;
    if (passed && name !== undefined) tensors.set(name, passed);
    const floats = dequantised(node, tensors, external, room);
    if (floats) tensors.set(floats.name, floats);
    if (op !== "Constant" || domain !== "" || name === undefined) continue;
    const [[kind, value] = ["", undefined]] = attributes;
    const common = { name, at, source: file.source };
    const list = typeof value === "number" ? [value] : Array.isArray(value) ? (value as readonly number[]) : undefined;
    if (kind === "value" && typeof value === "object" && "dims" in value) tensors.set(name, { ...value, name });
    else if (list && /^value_(float|int)s?$/.test(kind)) {
      const dims = kind.endsWith("s") ? [list.length] : [];
      tensors.set(name, { ...common, dims, type: kind.startsWith("value_float") ? 1 : 7, listed: list });
    } else {
      throw new LimbeckError(
        "UNSUPPORTED",
        `${file.source}: the constant ${shownName(name)} is given by ${shownName(kind)}; it cannot be imported, run the file by onnxruntime-node`,
      );
    }
  }
  return tensors;
}

function checkOperators({ source }: OnnxFile, nodes: readonly OnnxNode[]): void {
  const known = ({ op, domain }: OnnxNode): boolean => domain === "" && operators.has(op);
  const unknown = nodes.filter((node) => !known(node));
  const names = [...new Set(unknown.map(({ op, domain }) => shownName(domain === "" ? op : `${domain}.${op}`)))];
  if (names.length === 0) return;
  const listed = `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
  throw new LimbeckError(
    "UNSUPPORTED",
    `${source}: its graph has operators that cannot be imported, ${listed}, the first at ${shownName(elementAt(unknown, 0).name || (elementAt(unknown, 0).outputs[0] ?? ""))}; ` +
      "run the file by onnxruntime-node, which knows all of them",
  );
}
