/** @file Gradient accumulation: a batch computed in parts, which need less memory, and one update by the sum of their gradients. */
import type { BatchRange } from "../../data/loader.ts";
import type { Engine, Inputs, Outputs } from "../../engine/contract.ts";
import { LimbeckError } from "../../errors.ts";
import {
  add,
  analyse,
  broadcastTo,
  constant,
  input,
  mul,
  state,
  type Graph,
  type Tensor,
  type Update,
} from "../../tensor/index.ts";
import { bySize, compileForBatches } from "../batches.ts";
import type { BatchLosses } from "../events.ts";
import type { Feature, FeatureSetting, StepActs, StepGradients, Steps } from "../feature.ts";
import { totalGradients } from "../losses.ts";
import { lossOutputs, type Step } from "../step.ts";

/** The parts of a batch of `size` images, in their order: so many, or one for each image of a smaller batch; their sizes differ by one at most. */
export function partsOf(size: number, parts: number): BatchRange[] {
  const count = Math.min(parts, size);
  const begin = (part: number): number => part * Math.floor(size / count) + Math.min(part, size % count);
  return Array.from({ length: count }, (_, part) => ({ from: begin(part), to: begin(part + 1) }));
}

/** Batches in parts, where `accumulate` asks for them. Throws ARGUMENT unless a batch has at least an image for each part. */
export function accumulated({ options }: FeatureSetting): Feature | undefined {
  const { accumulate = 1, batchSize = 128 } = options;
  if (!(Number.isInteger(accumulate) && accumulate >= 1 && accumulate <= batchSize)) {
    throw new LimbeckError(
      "ARGUMENT",
      `accumulate should be a whole number from 1 to the ${batchSize} images of a batch, got ${String(accumulate)}`,
    );
  }
  return accumulate === 1 ? undefined : accumulatedBy(accumulate);
}

/** Batches in so many parts. The sums of gradients are shared by all steps. */
export function accumulatedBy(parts: number): Required<Pick<Feature, "scratch" | "steps">> {
  const made = new Map<string, Tensor>();
  const sumFor = (name: string, { shape }: Tensor): Tensor => {
    const sum = made.get(name) ?? state(name, shape);
    made.set(name, sum);
    return sum;
  };
  return {
    scratch: { [Symbol.iterator]: () => made.values() },
    steps: (acts, ranges) => accumulatedSteps(acts, ranges, parts, sumFor),
  };
}

/** The state that a parameter's gradients are added up in, by its name: zeros between steps. */
type SumFor = (name: string, gradient: Tensor) => Tensor;

/**
 * Steps on batches in parts. The loss is Σ n_part / n · loss(part), so that means over images are those over the whole batch, as
 * are their gradients but for rounding. Whatever compares images with each other sees a part's: batch norm, and losses of pairs
 * or of the batch's distribution; buffers move with each part. What is drawn is drawn for the whole batch, as without parts. Throws as
 * `trainingStep`.
 */
function accumulatedSteps(acts: StepActs, ranges: readonly BatchRange[], count: number, sumFor: SumFor): Steps {
  const partRanges = ranges.flatMap(({ from, to }) => partsOf(to - from, count));
  const parts = bySize(partRanges, (m) => partStep(acts, m, sumFor));
  const [first] = parts.all as [PartStep];
  const update = updateStep(acts, first);
  const used = new Set([...parts.all.flatMap(({ inputs }) => [...inputs.keys()]), ...update.inputs.keys()]);
  const loaded = bySize(ranges, (n) => {
    const inputs = [...acts.forward(n).inputs, ...acts.scalars];
    const symbols = inputs.map(({ symbol }) => symbol).filter(({ attributes }) => used.has(attributes.name));
    return { inputs, symbols: new Set<Tensor>(symbols) };
  });
  return {
    loaded,
    graphs: [...parts.all.map(({ graph }) => graph), update.graph],
    states: new Set([...parts.all.flatMap(({ states }) => [...states]), ...update.states]),
    async compile(engine: Engine) {
      const programs = await compileForBatches(engine, partRanges, (m) => parts.for(m).graph);
      const updating = await engine.compile(update.graph).catch((error: unknown) => {
        programs.close();
        throw error;
      });
      return {
        async run(size, inputs) {
          const ranges = partsOf(size, count);
          const running = ranges.map((range) => {
            const m = range.to - range.from;
            return programs.for(m).run(inputsOfPart(parts.for(m), range, size, inputs));
          });
          const updated = updating.run(pick(inputs, update.inputs.keys()));
          const [outputs] = await Promise.all([Promise.all(running), updated]);
          return meanLosses(size, ranges, (part) => first.lossesOf(outputs[part] as Outputs));
        },
        close() {
          programs.close();
          updating.close();
        },
      };
    },
  };
}

/** A part's graph: its losses, its share of the gradients added to the sums, and what it does to buffers. */
interface PartStep extends Pick<Step, "graph" | "states" | "lossesOf"> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The sums of gradients, which a step's update reads. */
  readonly sums: StepGradients;
  /** Their states, and the networks' buffers. */
  readonly summed: readonly Tensor[];
  readonly moved: readonly Tensor[];
}

/** n_part / n. */
const shareName = "part's share";

function partStep(acts: StepActs, m: number, sumFor: SumFor): PartStep {
  const { terms, weighted, moved } = acts.forward(m);
  const share = input(shareName, []);
  const shared = Object.entries(weighted).map(([name, loss]) => [name, mul(loss, share)] as const);
  const { gradients, perLoss } = acts.backward(Object.fromEntries(shared));
  const summed: Update[] = [];
  const sumsOf = (kind: string, of: readonly (Tensor | null)[]): (Tensor | null)[] =>
    of.map((gradient, i) => {
      if (!gradient) return null;
      const sum = sumFor(`${acts.parameters[i]}/${kind}`, gradient);
      summed.push({ state: sum, value: add(sum, gradient) });
      return sum;
    });
  const sumsPerLoss = perLoss && {
    task: sumsOf("task gradient", perLoss.task),
    distillation: sumsOf("distillation gradient", perLoss.distillation),
  };
  const sums = sumsPerLoss
    ? { gradients: totalGradients(sumsPerLoss), perLoss: sumsPerLoss }
    : { gradients: sumsOf("gradient", gradients) };
  const { outputs, lossesOf } = lossOutputs(terms, weighted);
  const graph: Graph = { outputs, updates: [...moved, ...summed] };
  return { graph, ...usedBy(graph), lossesOf, sums, summed: statesOf(summed), moved: statesOf(moved) };
}

function statesOf(updates: readonly Update[]): Tensor[] {
  return updates.map(({ state }) => state);
}

/** The graph that updates parameters by the sums, averages after that, and sets the sums to zero. */
function updateStep(
  acts: StepActs,
  { sums, summed, moved }: Pick<PartStep, "sums" | "summed" | "moved">,
): Pick<PartStep, "graph" | "inputs" | "states"> {
  // What the parts have moved is as it is, for features that follow it.
  const asMoved = moved.map((state) => ({ state, value: state }));
  const updates = acts.update(sums, asMoved).filter(({ state, value }) => value !== state);
  const emptied = summed.map((state) => ({ state, value: broadcastTo(constant(0), state.shape) }));
  const graph: Graph = { outputs: {}, updates: [...updates, ...emptied] };
  return { graph, ...usedBy(graph) };
}

function usedBy(graph: Graph): Pick<PartStep, "inputs" | "states"> {
  const { inputs, states } = analyse(graph);
  return { inputs, states: new Set(states) };
}

/** Of the whole batch's values, those of a part's images; what is no image's as it is. */
function inputsOfPart(
  { inputs: wanted }: Pick<PartStep, "inputs">,
  { from, to }: BatchRange,
  size: number,
  whole: Inputs,
): Inputs {
  const valuesOf = (name: string, part: Tensor): Inputs[string] => {
    if (name === shareName) return Float32Array.of((to - from) / size);
    const values = whole[name]!;
    if (values.length === part.size) return values;
    const each = part.size / (to - from);
    return values.subarray(from * each, to * each);
  };
  return Object.fromEntries(Array.from(wanted, ([name, part]) => [name, valuesOf(name, part)] as const));
}

function pick(inputs: Inputs, names: Iterable<string>): Inputs {
  return Object.fromEntries(Array.from(names, (name) => [name, inputs[name]!] as const));
}

/** Σ n_part / n · loss of each. */
function meanLosses(size: number, parts: readonly BatchRange[], lossesOf: (part: number) => BatchLosses): BatchLosses {
  let loss = 0;
  const terms: Record<string, number> = {};
  for (const [i, { from, to }] of parts.entries()) {
    const share = (to - from) / size;
    const part = lossesOf(i);
    loss += share * part.loss;
    for (const [name, term] of Object.entries(part.terms)) terms[name] = (terms[name] ?? 0) + share * term;
  }
  return { loss, terms };
}
