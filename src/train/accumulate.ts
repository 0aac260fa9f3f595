/** @file Gradient accumulation: a batch computed in parts, which need less memory, and one update by the sum of their gradients. */
import type { BatchRange } from "../data/loader.ts";
import type { Engine, Inputs, Outputs } from "../engine/contract.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
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
} from "../tensor/index.ts";
import { bySize, compileForBatches } from "./batches.ts";
import type { BatchLosses } from "./events.ts";
import type { Learner } from "./learner.ts";
import { totalGradients } from "./losses.ts";
import { trainedParameters } from "./states.ts";
import {
  gradientsOf,
  lossOutputs,
  recordLosses,
  scalarInputs,
  type Step,
  type StepGradients,
  type StepOptions,
} from "./step.ts";
import type { Steps } from "./steps.ts";

/** The parts of a batch of `size` images, in their order: so many, or one for each image of a smaller batch; their sizes differ by one at most. */
export function partsOf(size: number, parts: number): BatchRange[] {
  const count = Math.min(parts, size);
  const begin = (part: number): number => part * Math.floor(size / count) + Math.min(part, size % count);
  return Array.from({ length: count }, (_, part) => ({ from: begin(part), to: begin(part + 1) }));
}

/** The sums of gradients so far: states beside the parameters, zeros between steps. The steps of a phase share them. */
export interface Accumulators {
  readonly all: Iterable<Tensor>;
  /** The one of this name, made when it is first asked for. */
  of(name: string, like: Tensor): Tensor;
}

export function accumulators(): Accumulators {
  const made = new Map<string, Tensor>();
  return {
    all: { [Symbol.iterator]: () => made.values() },
    of(name, { shape }) {
      const sum = made.get(name) ?? state(name, shape);
      made.set(name, sum);
      return sum;
    },
  };
}

export interface AccumulatedOptions extends StepOptions {
  readonly parts: number;
  readonly accumulators: Accumulators;
}

/**
 * Steps on batches in parts. The loss is Σ n_part / n · loss(part), so that means over images are those over the whole batch, as
 * are their gradients but for rounding. Whatever compares images with each other sees a part's: batch norm, and losses of pairs
 * or of the batch's distribution; buffers move with each part. What is drawn is drawn for the whole batch, as without parts. Throws as
 * `trainingStep`.
 */
export function accumulatedSteps(
  learner: Learner,
  ranges: readonly BatchRange[],
  optimiser: AttachedOptimiser,
  options: AccumulatedOptions,
): Steps {
  const { parts: count, ema } = options;
  const partRanges = ranges.flatMap(({ from, to }) => partsOf(to - from, count));
  const parts = bySize(partRanges, (m) => partStep(learner, m, optimiser, options));
  const [first] = parts.all as [PartStep];
  const update = updateStep(first, optimiser, options);
  const used = new Set([...parts.all.flatMap(({ inputs }) => [...inputs.keys()]), ...update.inputs.keys()]);
  const loaded = bySize(ranges, (n) => {
    const inputs = [...recordLosses(learner, n, options).inputs, ...scalarInputs(optimiser, ema)];
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

function partStep(learner: Learner, m: number, optimiser: AttachedOptimiser, options: AccumulatedOptions): PartStep {
  const { terms, weighted, moved } = recordLosses(learner, m, options);
  const share = input(shareName, []);
  const shared = Object.entries(weighted).map(([name, loss]) => [name, mul(loss, share)] as const);
  const { gradients, perLoss } = gradientsOf(Object.fromEntries(shared), learner, optimiser, options);
  const paths = [...trainedParameters(learner, options.pretraining).keys()];
  const summed: Update[] = [];
  const sumsOf = (kind: string, of: readonly (Tensor | null)[]): (Tensor | null)[] =>
    of.map((gradient, i) => {
      if (!gradient) return null;
      const sum = options.accumulators.of(`${paths[i]}/${kind}`, gradient);
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
  { sums: { gradients, perLoss }, summed, moved }: Pick<PartStep, "sums" | "summed" | "moved">,
  optimiser: AttachedOptimiser,
  { ema }: AccumulatedOptions,
): Pick<PartStep, "graph" | "inputs" | "states"> {
  const updates = optimiser.updates(gradients, perLoss);
  const asMoved = moved.map((state) => ({ state, value: state }));
  const emptied = summed.map((state) => ({ state, value: broadcastTo(constant(0), state.shape) }));
  const graph: Graph = {
    outputs: {},
    updates: [...updates, ...(ema?.updates([...updates, ...asMoved]) ?? []), ...emptied],
  };
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
