/** @file What a configuration's names mean: rows of the tables, or what modules of somebody's own give. */
import { datasets } from "../data/index.ts";
import { combined, findMethod, type Objective } from "../distill/index.ts";
import type { Own } from "../model-file/index.ts";
import { createModel, type Model, type ModelOptions } from "../models/index.ts";

/** Whether a name is the path of a module: it ends as files of JavaScript or TypeScript do. */
export function isModulePath(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

/** Whether a configuration's data set is a name of the table, whose images are what they are; else it is a path. */
export function isInTable(dataset: string): boolean {
  return Object.hasOwn(datasets, dataset);
}

/** Whether it is the path of pictures: neither a name of the table nor a module, whose images are what they are too. */
export function isPictures(dataset: string): boolean {
  return !isInTable(dataset) && !isModulePath(dataset);
}

/** A new network of the table, or of a module. Throws as `createModel`. */
export function modelNamed(name: string, options: ModelOptions, own: Own): Model {
  return createModel(own.models.get(name) ?? name, options);
}

/** What a model of a configuration calls itself: its name of the table, or that which its module gives. */
export function partName(
  parts: ReadonlyMap<string, { readonly name: string }>,
  named: string | undefined,
): string | undefined {
  return named === undefined ? undefined : (parts.get(named)?.name ?? named);
}

/** What a configuration trains on. */
export interface MethodConfig {
  /** A name or a path, or several as `kd+at`. */
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly preset?: string | undefined;
}

/** The methods as one. Throws as `combined`, and UNKNOWN_NAME. */
export function objectiveOf({ method, options, preset }: MethodConfig, own: Own): Objective {
  return combined(
    method.split("+").map((name) => own.methods.get(name) ?? findMethod(name)),
    options,
    preset,
  );
}
