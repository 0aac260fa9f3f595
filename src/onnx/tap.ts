/** @file An ONNX file that gives more than it says: outputs are added by appending bytes, since parts of a message that come twice add up. */
import { LimbeckError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";
import { GRAPH, MODEL, VALUE } from "./fields.ts";
import { inputShapeOf, type ImportShape, type Layout } from "./input-shape.ts";
import { logitsOf } from "./logits.ts";
import { readOnnx, type OnnxFile, type OnnxNode } from "./model-proto.ts";
import { makersOf, orderedNodes, outputOf } from "./order.ts";
import { joined, delimited, text } from "./protobuf-writer.ts";

export interface TapOptions extends ImportShape {
  readonly source: string;
  /** Which value is the logits, or their softmax; the file's only output by default. */
  readonly output?: string | undefined;
  /** Values inside the graph that are wanted too. */
  readonly taps?: readonly string[] | undefined;
}

/** The file with its outputs, ready for another runtime. */
export interface TappedOnnx {
  readonly bytes: Uint8Array;
  readonly input: string;
  readonly layout: Layout;
  /** How many images a run takes, where the file has a number. */
  readonly batch?: number | undefined;
  /** What can be asked for, `logits` among it, by the name of its value in the graph. */
  readonly names: ReadonlyMap<string, string>;
  /** The value that the classifier is given, if it was found. */
  readonly embedding?: string | undefined;
  /** Values that lie where maps become smaller, first to last: what methods would compare. */
  readonly stages: readonly string[];
  /** Operators at the end that were left out: `Softmax`. */
  readonly leftOut: readonly string[];
}

/** Throws WEIGHTS for a damaged file or graph, UNKNOWN_NAME for a tap that nothing in the graph makes, and as `inputShapeOf`. */
export function tapOnnx(file: Uint8Array, options: TapOptions): TappedOnnx {
  const { source, taps = [] } = options;
  const read = readOnnx(file, source);
  const maker = makersOf(read);
  const logits = logitsOf(read, outputOf(read, options.output), maker);
  const { value, layout, batch } = inputShapeOf(read, options);
  for (const tap of taps) if (!maker.has(tap)) unknownTap(source, tap, maker);
  orderedNodes(read, taps);
  const nodes = orderedNodes(read, [logits.given]);
  const embedding = embeddingOf(read, logits.value, maker);
  const names = new Map([
    ["logits", logits.given],
    ...[...taps, ...(embedding === undefined ? [] : [embedding])].map((name) => [name, name] as const),
  ]);
  const known = new Set(read.outputs.map(({ name }) => name));
  const added = [...new Set(names.values())].filter((name) => !known.has(name));
  return {
    bytes: withOutputs(file, added),
    input: value.name,
    layout,
    batch,
    names,
    stages: stagesOf(nodes, maker),
    embedding,
    leftOut: logits.leftOut,
  };
}

/** What the last linear layer before the logits is given: Gemm, MatMul or the MatMul before an Add, if it computes with constants. */
function embeddingOf(
  { initializers }: OnnxFile,
  logits: string,
  maker: ReadonlyMap<string, OnnxNode>,
): string | undefined {
  // NOTE: through what prepares a weight, a transposition say, and no further: a hostile graph is deep and wide.
  const isConstant = (name: string | undefined, depth = 3): boolean => {
    if (name === undefined || depth === 0) return false;
    const node = maker.get(name);
    if (!node) return initializers.has(name);
    return node.inputs.length <= 3 && node.inputs.every((each) => isConstant(each, depth - 1));
  };
  const last = maker.get(logits);
  const layer =
    last?.op === "Add" ? last.inputs.map((name) => maker.get(name)).find((node) => node?.op === "MatMul") : last;
  if (layer?.op !== "Gemm" && layer?.op !== "MatMul") return undefined;
  const [embedding, weight] = layer.inputs;
  return isConstant(weight) && !isConstant(embedding) && embedding !== undefined && maker.has(embedding)
    ? embedding
    : undefined;
}

const globalPools: ReadonlySet<string> = new Set(["GlobalAveragePool", "GlobalMaxPool", "ReduceMean"]);

/** What nodes take that make maps smaller, but for the images themselves. */
function stagesOf(nodes: readonly OnnxNode[], maker: ReadonlyMap<string, OnnxNode>): readonly string[] {
  const found = nodes.flatMap(({ op, attributes, inputs: [taken] }) => {
    const strides = attributes.get("strides");
    const isSmaller = globalPools.has(op) || (Array.isArray(strides) && strides.some((stride) => stride > 1));
    return isSmaller && taken !== undefined && maker.has(taken) ? [taken] : [];
  });
  return [...new Set(found)];
}

function withOutputs(file: Uint8Array, names: readonly string[]): Uint8Array {
  const outputs = names.flatMap((name) => delimited(GRAPH.output, text(VALUE.name, name)));
  return names.length === 0 ? file : joined([file, ...delimited(MODEL.graph, outputs)]);
}

function unknownTap(source: string, tap: string, maker: ReadonlyMap<string, OnnxNode>): never {
  const near = nearestName(tap, [...maker.keys()]);
  throw new LimbeckError(
    "UNKNOWN_NAME",
    `${source}: nothing in its graph makes ${JSON.stringify(tap)}${near === undefined ? "" : `; did you mean ${near}?`}`,
  );
}
