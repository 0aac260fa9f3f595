/** @file What a user module gives, by its name or as the default export: found, and refused where it is something else. */
import { basename } from "node:path";
import { shown, type Kind } from "../../../arguments.ts";
import { LimbeckError } from "../../../errors.ts";
import type { ModuleSource } from "../../../module-source.ts";
import type { LoadedModule } from "./import.ts";

/** What a module exports as `model`, say, or as default. Throws MODULE. */
export function partOf({ path, exports }: LoadedModule, name: string, kind: Kind): unknown {
  const own = exports[name];
  const found = own ?? exports["default"];
  if (kind.is(found)) return found;
  if (found !== undefined) throw notGiven(path, `what it exports as ${own ? name : "default"} should be`, kind, found);
  const others = Object.keys(exports);
  throw new LimbeckError(
    "MODULE",
    `the module ${path} should export a ${name === "dataset" ? "data set" : name}, as ${name} or as default, got ${others.length > 0 ? others.join(", ") : "no export"}`,
  );
}

/** An error for a value of another kind. */
export function notGiven(path: string, what: string, { expected }: Kind, got: unknown): LimbeckError {
  return new LimbeckError("MODULE", `the module ${path}: ${what} ${expected}, got ${shown(got)}`);
}

/** What files say of the module that they were made with. */
export function sourceOf({ path, sha256 }: LoadedModule): ModuleSource {
  return { file: basename(path), sha256 };
}

/** Throws MODULE for a name that one of Limbeck's has, or none. */
export function refuseTaken(path: string, kind: string, name: string, table: object): void {
  if (name !== "" && !Object.hasOwn(table, name)) return;
  throw new LimbeckError(
    "MODULE",
    `the module ${path}: its ${kind} should have a name of its own, got ${shown(name)}, ` +
      `${name === "" ? "which is none" : "which one of Limbeck's has"}; ${kind === "model" ? "give { name, create }, or rename the file" : "give another name"}`,
  );
}
