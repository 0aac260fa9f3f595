/** @file Which places of two networks a method compares: those that the models declare, unless its options name others. */
import { z } from "zod";
import { flatten, type Tensor } from "../tensor/index.ts";
import { pairedStages, type Observed, type Stage } from "./observed.ts";

/** Options of a method that compares stages in pairs. */
export const stagePlaces = lists("all its stages but the first");

/** Options of a method that compares what lies between stages. */
export const everyStagePlaces = lists("all its stages");

/** Options of a method that compares one feature map. */
export const mapPlaces = singles("its last stage");

/** Options of a method that compares one vector. */
export const vectorPlaces = singles("what its classifier sees");

/**
 * The stages at these paths, or all declared ones but the first, which is hardly more than the image: RepDistiller and
 * mdistiller leave it out too. A single stage stays. Throws UNKNOWN_NAME.
 */
export function chosenStages(observed: Observed, paths: readonly string[]): readonly Stage[] {
  if (paths.length > 0) return stagesAt(observed, paths);
  const { stages } = observed;
  return stages.length > 1 ? stages.slice(1) : stages;
}

/** The stages at these paths, or all declared ones. Throws UNKNOWN_NAME. */
export function everyChosenStage(observed: Observed, paths: readonly string[]): readonly Stage[] {
  return paths.length > 0 ? stagesAt(observed, paths) : observed.stages;
}

/** The map at this path, or the last declared stage's. Throws UNKNOWN_NAME. */
export function chosenMap(observed: Observed, path: string): Tensor {
  return path === "" ? observed.stages.at(-1)!.output : observed.feature(path);
}

/** The flattened output at this path, or the vector that the classifier sees: [N, D]. Throws UNKNOWN_NAME. */
export function chosenVector(observed: Observed, path: string): Tensor {
  return path === "" ? observed.embedding : flatten(observed.feature(path));
}

/** A target of each pair of stages, under the names that `stagesOf` looks for. */
export function pairTargets(
  student: readonly Stage[],
  teacher: readonly Stage[],
  targetOf: (student: Stage, teacher: Stage) => Tensor,
): Record<string, Tensor> {
  return stageNamed(pairedStages(student, teacher).map(([s, t]) => targetOf(s, t)));
}

/** Targets under the names that `stagesOf` looks for. */
export function stageNamed(targets: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(targets.map((target, i) => [`stage ${i + 1}`, target]));
}

function stagesAt(observed: Observed, paths: readonly string[]): Stage[] {
  return paths.map((path) => {
    const output = observed.feature(path);
    return { output, preActivation: output, paths: { output: path, preActivation: path } };
  });
}

type Paths = z.ZodDefault<z.ZodArray<z.ZodString>>;
type Path = z.ZodDefault<z.ZodString>;

function lists(otherwise: string): { readonly studentFeatures: Paths; readonly teacherFeatures: Paths } {
  const paths = (network: string): Paths =>
    z.array(z.string()).default([]).describe(`paths of the ${network}'s modules, first to last; if none ${otherwise}`);
  return { studentFeatures: paths("student"), teacherFeatures: paths("teacher") };
}

function singles(otherwise: string): { readonly studentFeature: Path; readonly teacherFeature: Path } {
  const path = (network: string): Path =>
    z.string().default("").describe(`path of the ${network}'s module; if empty ${otherwise}`);
  return { studentFeature: path("student"), teacherFeature: path("teacher") };
}
