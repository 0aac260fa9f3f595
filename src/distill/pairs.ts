/** @file Which places of two networks a method compares: stages that belong together, unless its options pair others. */
import { LimbeckError } from "../errors.ts";
import { add, isInput, isState, type Tensor } from "../tensor/index.ts";
import type { Compared, ComparedStage, Losses } from "./method.ts";
import type { Observed, PairedPaths, Stage, StagePair } from "./observed.ts";
import { pairs as pairsOf, type Option } from "./option.ts";

type PairsOption = Option<readonly PairedPaths[]>;

/** The option of a method that compares places. `otherwise`: what is compared where no pair is chosen. */
export function pairsOption(otherwise: string): PairsOption {
  return pairsOf(`modules to compare, by their paths (--pair teacher=student); if none, ${otherwise}`);
}

/** Of a method that compares stages in pairs. */
export const stagePairs: PairsOption = pairsOption("the stages that belong together, but the first");

/** Of a method that compares what lies between stages. */
export const everyStagePair: PairsOption = pairsOption("all stages that belong together");

/** Of a method that compares one feature map. */
export const mapPair: PairsOption = pairsOption("the last maps");

/** Of a method that compares one vector. */
export const vectorPair: PairsOption = pairsOption("what the classifiers see");

/**
 * The pairs given, or the stages that belong together: those of the network that has fewer, each with the other's of the
 * nearest size, the order kept. The first stage of each network, hardly more than the image, is left out as RepDistiller and
 * mdistiller do, unless it is the only one or `first` asks for it.
 *
 * Throws UNKNOWN_NAME for a path that a network has not; ARGUMENT for a pair given twice, or a model that declares no
 * stages, or one twice.
 */
export function pairedStages(
  student: Observed,
  teacher: Observed,
  chosen: readonly PairedPaths[],
  { first = false }: { readonly first?: boolean } = {},
): StagePair[] {
  if (chosen.length > 0) return chosen.map((pair, i) => pairAt(student, teacher, pair, chosen.slice(0, i)));
  const [ours, theirs] = [student, teacher].map((network) => {
    const stages = distinct(network.stages);
    return first || stages.length === 1 ? stages : stages.slice(1);
  }) as [readonly Stage[], readonly Stage[]];
  if (ours.length === 0 || theirs.length === 0) {
    throw new LimbeckError(
      "ARGUMENT",
      `both networks should declare a stage before the vector that the classifier sees, got ${ours.length} of the student ` +
        `and ${theirs.length} of the teacher; name modules with pairs`,
    );
  }
  const sizes = (stages: readonly Stage[]): number[] =>
    stages.map(({ output }) => output.shape.slice(2).reduce((area, length) => area * length, 1));
  const [few, many] = ours.length <= theirs.length ? [ours, theirs] : [theirs, ours];
  return matched(sizes(few), sizes(many)).flatMap((j, i): StagePair[] => {
    const [a, b] = [few[i], many[j]];
    if (!a || !b) return [];
    return [few === ours ? { student: a, teacher: b } : { student: b, teacher: a }];
  });
}

/**
 * For each of the fewer sizes, in order, the index of its partner among the more: the order stays, sizes are as near as
 * they can be (the sum of |log2 ratio| is least), and of equals the deeper are taken. As many of both pair one by one,
 * whatever their sizes, as the published comparisons do. Sizes are a map's heights times widths.
 */
export function matched(few: readonly number[], many: readonly number[]): readonly number[] {
  const none: Match = { unlikeness: Infinity, partners: [] };
  // The best match of the few so far with the first 0, 1, 2, ... of the many.
  let best: readonly Match[] = Array.from({ length: many.length + 1 }, () => ({ unlikeness: 0, partners: [] }));
  for (const size of few) {
    let found = none;
    const next = many.map((other, j) => {
      const { unlikeness, partners } = best[j] ?? none;
      const withThis = { unlikeness: unlikeness + Math.abs(Math.log2(size / other)), partners: [...partners, j] };
      if (withThis.unlikeness <= found.unlikeness) found = withThis;
      return found;
    });
    best = [none, ...next];
  }
  return (best.at(-1) ?? none).partners;
}

/** Partners of the first of the few, and how unlike their sizes are. */
interface Match {
  readonly unlikeness: number;
  readonly partners: readonly number[];
}

/** The one pair given, or the networks' last maps. Throws UNKNOWN_NAME; ARGUMENT for several. */
export function pairedMaps(
  method: string,
  student: Observed,
  teacher: Observed,
  chosen: readonly PairedPaths[],
): [StagePair] {
  return only(method, student, teacher, chosen) ?? [{ student: student.lastMap, teacher: teacher.lastMap }];
}

/** The one pair given, or the vectors that the classifiers see. Throws UNKNOWN_NAME; ARGUMENT for several. */
export function pairedVectors(
  method: string,
  student: Observed,
  teacher: Observed,
  chosen: readonly PairedPaths[],
): [StagePair] {
  const seen = (network: Observed): Stage => network.stage(network.embeddingPath);
  return only(method, student, teacher, chosen) ?? [{ student: seen(student), teacher: seen(teacher) }];
}

/** The single pair that is given, if one is. Throws UNKNOWN_NAME; ARGUMENT for several. */
export function only(
  method: string,
  student: Observed,
  teacher: Observed,
  chosen: readonly PairedPaths[],
): [StagePair] | undefined {
  const [pair, ...others] = chosen;
  if (!pair) return undefined;
  if (others.length === 0) return [pairAt(student, teacher, pair, [])];
  throw new LimbeckError(
    "ARGUMENT",
    `${method}: it compares one pair of places, got ${chosen.length}, ${chosen.map(textOf).join(" and ")}; ` +
      `leave all but one out, or, among several methods, give each its own with ${method}.pairs`,
  );
}

/** Losses of each pair, of the student's stage and its targets, added up by their names. */
export function sumOverPairs<PerPair extends string, Name extends string>(
  { compared }: { readonly compared: Compared<PerPair> },
  lossesOf: (stage: ComparedStage<PerPair>, i: number) => Losses<Name>,
): Losses<Name> {
  return compared
    .map(lossesOf)
    .reduce(
      (total, losses) =>
        Object.fromEntries(
          (Object.keys(losses) as Name[]).map((name) => [name, add(total[name], losses[name])]),
        ) as Losses<Name>,
    );
}

function pairAt(student: Observed, teacher: Observed, pair: PairedPaths, before: readonly PairedPaths[]): StagePair {
  if (before.some((other) => textOf(other) === textOf(pair))) {
    throw new LimbeckError("ARGUMENT", `the pair ${textOf(pair)} should be given once; leave the second out`);
  }
  return { student: student.stage(pair.student), teacher: teacher.stage(pair.teacher) };
}

function textOf({ teacher, student }: PairedPaths): string {
  return `${teacher}=${student}`;
}

/** The stages, none of which is another one pooled or reshaped: that would be compared twice. Throws ARGUMENT. */
function distinct(stages: readonly Stage[]): readonly Stage[] {
  for (const [i, stage] of stages.entries()) {
    const copied = stages.slice(0, i).find((earlier) => isMadeOf(stage.output, earlier.output));
    if (!copied) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `${stage.paths.output} should be no stage of its own: it is made of stage ${copied.paths.output} without any ` +
        `parameter; say it as that stage's \`pooled\`, or give pairs`,
    );
  }
  return stages;
}

/** Whether a tensor is computed from the other alone, without any state of the network. */
export function isMadeOf(tensor: Tensor, other: Tensor): boolean {
  let found = false;
  const seen = new Set<Tensor>();
  const waiting = [tensor];
  for (let x = waiting.pop(); x; x = waiting.pop()) {
    if (x === other) found = true;
    else if (isState(x) || isInput(x)) return false;
    else {
      for (const input of x.inputs) {
        if (seen.has(input)) continue;
        seen.add(input);
        waiting.push(input);
      }
    }
  }
  return found;
}
