/** @file Where feature methods look in an ONNX graph: found from how its values hang together. */
import { sizeOf } from "../tensor/index.ts";
import { elementAt } from "../elements.ts";
import type { FeaturePlace } from "../models/index.ts";
import { FIRST, isSamePlace } from "./image-axis.ts";
import type { OnnxNode } from "./model-proto.ts";
import type { Program } from "./program.ts";
import type { Recorded } from "./record.ts";

/** A map [N, C, H, W] that everything after it goes through. */
interface Cut {
  readonly name: string;
  readonly area: number;
  readonly isPooled: boolean;
  /** Whether a layer with weights lies between the cut before and this. */
  readonly hasWeights: boolean;
}

const weighted: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"]);
const pooling: ReadonlySet<string> = new Set([
  "MaxPool",
  "AveragePool",
  "GlobalAveragePool",
  "GlobalMaxPool",
  "ReduceMean",
  "ReduceMax",
  "ReduceSum",
]);
const activating: ReadonlySet<string> = new Set([
  "Relu",
  "Clip",
  "LeakyRelu",
  "PRelu",
  "Elu",
  "Selu",
  "Celu",
  "Softplus",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Swish",
  "Tanh",
]);

/**
 * The stages, and `embedding` at the end: of each size of maps, the last that everything after goes through. A map that is
 * another one pooled, without weights in between, is no stage of its own.
 */
export function placesOf(program: Program, recorded: Recorded, embedding: string): FeaturePlace[] {
  const maker = new Map(program.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const stages: { readonly cut: Cut; readonly pooled?: string }[] = [];
  let group: Cut[] = [];
  const close = (): void => {
    const last = group.at(-1);
    if (!last) return;
    if (group.some(({ hasWeights }) => hasWeights)) stages.push({ cut: last });
    else if (last.area > 1) {
      const before = stages.pop();
      if (before) stages.push({ ...before, pooled: last.name });
    }
    group = [];
  };
  for (const cut of cutsOf(program, recorded)) {
    if (cut.isPooled || cut.area < (group.at(-1)?.area ?? 0)) close();
    group.push(cut);
  }
  close();
  const isFeature = ({ cut }: { readonly cut: Cut }): boolean => cut.name !== embedding;
  return [
    ...stages.filter(isFeature).map(({ cut, pooled }) => placeOf(cut.name, maker, program, pooled)),
    { output: embedding, preActivation: embedding },
  ];
}

/** NOTE: by one pass over the nodes: where only one value is still waited for, everything goes through it. */
function cutsOf({ nodes, input, classifier, logits }: Program, { values }: Recorded): Cut[] {
  const isActive = (name: string): boolean => values.get(name)?.kind === "activation";
  const lastUse = new Map<string, number>([[logits.value, Infinity]]);
  for (const [i, { inputs, outputs }] of nodes.entries()) {
    // A node that only asks for a shape does not count.
    if (!outputs.some(isActive) && !classifier?.nodes.has(elementAt(nodes, i))) continue;
    for (const name of inputs) lastUse.set(name, Math.max(i, lastUse.get(name) ?? 0));
  }
  const alive = new Set<string>([input.name]);
  const cuts: Cut[] = [];
  let hasWeights = false;
  for (const [i, { op, inputs, outputs }] of nodes.entries()) {
    hasWeights ||= weighted.has(op) && outputs.some(isActive);
    for (const name of outputs) if (isActive(name) && lastUse.has(name)) alive.add(name);
    for (const name of inputs) if (lastUse.get(name) === i) alive.delete(name);
    const [name, ...others] = alive;
    const value = name === undefined ? undefined : values.get(name);
    if (name === undefined || others.length > 0 || !outputs.includes(name) || value?.kind !== "activation") continue;
    const { shape } = value.tensor;
    if (shape.length !== 4 || !isSamePlace(value.images, FIRST)) continue;
    cuts.push({ name, area: sizeOf(shape.slice(2)), isPooled: pooling.has(op), hasWeights });
    hasWeights = false;
  }
  return cuts;
}

function placeOf(
  output: string,
  maker: ReadonlyMap<string, OnnxNode>,
  program: Program,
  pooled: string | undefined,
): FeaturePlace {
  const node = maker.get(output);
  const isActivation = node !== undefined && activating.has(node.op) && node.inputs[0] !== undefined;
  const preActivation = isActivation ? elementAt(node.inputs, 0) : output;
  const norm = normOf(maker.get(preActivation), maker, program);
  return { output, preActivation, norm, pooled };
}

/** The path of the norm that makes a value, or one of the two that it adds up; norms that were folded into convolutions have none. */
function normOf(
  node: OnnxNode | undefined,
  maker: ReadonlyMap<string, OnnxNode>,
  { constants }: Program,
): string | undefined {
  const candidates = node?.op === "Add" ? node.inputs.map((name) => maker.get(name)) : [node];
  const norm = candidates.find((each) => each?.op === "BatchNormalization");
  const [, weight, bias] = norm?.inputs ?? [];
  const path = weight !== undefined && weight.endsWith(".weight") ? weight.slice(0, -".weight".length) : undefined;
  const isNamed = path !== undefined && bias === `${path}.bias` && constants.get(bias)?.kind === "weight";
  return isNamed ? path : undefined;
}
