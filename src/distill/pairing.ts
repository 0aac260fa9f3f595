/** @file Which places of two networks are compared, by their paths: to be found again wherever the networks are recorded. */
import type { Shape } from "../tensor/index.ts";
import type { Compared, ComparedStage, Targets } from "./method.ts";
import type { Observed, Stage, StagePair, StagePaths } from "./observed.ts";

/** A place of each network that a method compares. */
export interface Pairing {
  /** The method's name. */
  readonly method: string;
  readonly teacher: Place;
  readonly student: Place;
}

/** Where it is found, and its shape for one image. */
export interface Place extends StagePaths {
  readonly shape: Shape;
}

/** What to remember of a pair that a method compares. */
export function pairingOf(method: string, { teacher, student }: StagePair): Pairing {
  return { method, teacher: placeOf(teacher), student: placeOf(student) };
}

/** The pair again, in networks that are recorded again. */
export function pairOf({ teacher: t, student: s }: Pairing, teacher: Observed, student: Observed): StagePair {
  return { teacher: stageAt(teacher, t), student: stageAt(student, s) };
}

/** The targets of a pair, by the pairing's place among all, as names among all targets: `pair 1 map`. */
export function pairTargets(pairing: number, targets: Targets): Targets {
  const prefix = pairPrefix(pairing);
  return Object.fromEntries(Object.entries(targets).map(([name, target]) => [prefix + name, target]));
}

/** The student's stage of each pairing, with the pair's own of all targets. */
export function comparedStages(student: Observed, pairings: readonly Pairing[], targets: Targets): Compared {
  const stages = pairings.map((pairing, i): ComparedStage => {
    const own = withoutPrefix(targets, pairPrefix(i));
    return { method: pairing.method, ...stageAt(student, pairing.student), targets: own };
  });
  // NOTE: it may be empty here; each method sees its own through a view, which refuses that.
  return stages as unknown as Compared;
}

/** The values whose names begin so, by the rest of their names. */
export function withoutPrefix<Value>(values: Readonly<Record<string, Value>>, prefix: string): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  );
}

function pairPrefix(pairing: number): string {
  return `pair ${pairing + 1} `;
}

function placeOf({ output, paths }: Stage): Place {
  return { ...paths, shape: output.shape.slice(1) };
}

function stageAt(network: Observed, { output, preActivation, norm }: StagePaths): Stage {
  return {
    output: network.feature(output),
    preActivation: network.feature(preActivation),
    paths: { output, preActivation, norm },
  };
}
