/** @file Models and methods that are in no table, for networks which are made of them. */
import type { AnyMethod } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { OwnModelEntry } from "../models/index.ts";
import type { ModuleSource } from "../module-source.ts";

/** What modules of somebody's own give, by what a configuration calls them: their paths. */
export interface Own {
  readonly models: ReadonlyMap<string, OwnModelEntry>;
  readonly methods: ReadonlyMap<string, AnyMethod>;
  /** Take modules that have changed since a file was made with them. */
  readonly force?: boolean;
}

/** Where the tables are all there is. */
export const nothingOwn: Own = { models: new Map(), methods: new Map() };

/**
 * The model or method of this name that a file was made with. Throws WEIGHTS where its module was not given, CHECKSUM where that
 * has changed since.
 */
export function madeWith<Part extends { readonly name: string; readonly from?: ModuleSource }>(
  kind: "model" | "method",
  name: string,
  from: ModuleSource,
  { parts, force = false }: { readonly parts: Iterable<Part>; readonly force?: boolean | undefined },
): Part {
  const part = [...parts].find((each) => each.name === name && each.from);
  if (!part) {
    const more = kind === "model" ? " (--teacher-model where it teaches; in a program, the network as { into })" : "";
    throw new LimbeckError(
      "WEIGHTS",
      `its ${kind} ${name} is not one of Limbeck's but of the module ${from.file}; give that file: --${kind} ./${from.file}${more}`,
    );
  }
  if (force || part.from?.sha256 === from.sha256) return part;
  throw new LimbeckError(
    "CHECKSUM",
    `its ${kind} ${name} was made by another ${from.file}: expected SHA-256 ${from.sha256}, got ${part.from?.sha256}; ` +
      "put that file back, or take the changed one with --force",
  );
}
