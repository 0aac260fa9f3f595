/** @file What a network is trained on: a method with its options settled. */
import { aFunction, anObject, aString, checkArguments, having, listOf, optional, type Kind } from "../arguments.ts";
import { parseWith } from "../parse-with.ts";
import { bounded } from "./bounded.ts";
import { presetOptions } from "./preset.ts";
import type { Shape } from "../tensor/index.ts";
import type {
  Batch,
  ComparedStage,
  ExtraModule,
  Losses,
  MadeStudent,
  Method,
  Needs,
  Setting,
  Targets,
  TeachingStage,
  Weight,
} from "./method.ts";
import type { Observed, Stage, StagePaths, TeacherWeights } from "./observed.ts";

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

/** A method whose options are bound, so that a training loop need not know them. The members are those of `Method`. */
export interface Objective {
  readonly name: string;
  readonly title: string;
  readonly needsTeacher: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  /** The preset that was asked for. */
  readonly preset?: string;
  /** By the name of the loss. */
  readonly weights: Readonly<Record<string, Weight>>;
  readonly needs: Needs;
  readonly stages: readonly TeachingStage[];
  /** Which places of both networks, each recorded on one image, are compared. */
  pairings(student: Observed, teacher: Observed): readonly Pairing[];
  targets(teacher: Observed, weights: TeacherWeights, student: Observed, pairings: readonly Pairing[]): Targets;
  extras(setting: Setting): Readonly<Record<string, ExtraModule>>;
  losses(batch: Batch): Losses;
  /** Where another network than the student as it stands is trained. */
  readonly student?: (setting: Setting) => MadeStudent;
}

/** For `checkArguments`. */
export const aMethod: Kind = having("a method", {
  name: aString,
  title: aString,
  options: having("a schema", { safeParse: aFunction }),
  losses: aFunction,
  weights: aFunction,
});
export const anObjective: Kind = having("an objective", {
  name: aString,
  weights: anObject,
  needs: anObject,
  stages: listOf(anObject),
  pairings: aFunction,
  targets: aFunction,
  extras: aFunction,
  losses: aFunction,
});

/**
 * The method with these options, those of the preset for the rest, if one is named, and the defaults for what is left.
 *
 * Throws ARGUMENT listing every option that is unknown or out of range, UNKNOWN_NAME for a preset that the method has not.
 */
export function objective<Options>(
  method: Method<Options>,
  options: Partial<NoInfer<Options>> = {},
  preset?: string,
): Objective {
  checkArguments("objective", {
    method: [method, aMethod],
    options: [options, anObject],
    preset: [preset, optional(aString)],
  });
  const given = { ...(preset !== undefined && presetOptions(method, preset)), ...options };
  const settled = parseWith(method.options, given, "ARGUMENT", `options of method ${method.name}`);
  return {
    name: method.name,
    title: method.title,
    needsTeacher: method.needsTeacher,
    options: bounded(method.name, settled) as Readonly<Record<string, unknown>>,
    ...(preset !== undefined && { preset }),
    weights: method.weights(settled),
    needs: method.needs?.(settled) ?? {},
    stages: method.stages?.(settled) ?? [],
    pairings: (student, teacher) =>
      (method.pairs?.(student, teacher, settled) ?? []).map((pair) => ({
        method: method.name,
        teacher: placeOf(pair.teacher),
        student: placeOf(pair.student),
      })),
    targets: (teacher, weights, student, pairings) => {
      const own = pairings.filter((pairing) => pairing.method === method.name);
      const pairs = own.map((pairing) => ({
        teacher: stageAt(teacher, pairing.teacher),
        student: stageAt(student, pairing.student),
      }));
      return method.targets(teacher, settled, weights, pairs);
    },
    extras: (setting) => method.extras?.(setting, settled) ?? {},
    losses: (batch) => method.losses(batch, settled),
    ...(method.student && { student: (setting: Setting) => method.student!(setting, settled) }),
  };
}

/** The student's stage of each pairing. */
export function comparedStages(student: Observed, pairings: readonly Pairing[]): ComparedStage[] {
  return pairings.map((pairing) => ({ method: pairing.method, ...stageAt(student, pairing.student) }));
}

function placeOf({ output, paths }: Stage): Place {
  return { ...paths, shape: output.shape.slice(1) };
}

function stageAt(network: Observed, { output, preActivation, norm }: StagePaths): Stage {
  const paths = { output, preActivation, ...(norm !== undefined && { norm }) };
  return { output: network.feature(output), preActivation: network.feature(preActivation), paths };
}
