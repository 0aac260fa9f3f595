/** @file Importing a module of somebody's own, whose `limbeck` is the Limbeck that runs. */
import * as nodeModule from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LimbeckError } from "../../../errors.ts";
import { beginModule } from "./begun.ts";
import { hasPlace, moduleFailed } from "./failed.ts";
import { checkIntrinsics } from "./intrinsics.ts";
import { settled } from "./settled.ts";
import { syntaxErrorIn } from "./syntax.ts";

/** A module, and what it exports. */
export interface LoadedModule {
  /** Absolute. */
  readonly path: string;
  /** Of its content. */
  readonly sha256: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Imports a file with this checksum. Throws MODULE where this Node cannot run it, it throws itself, or never ends. */
export async function imported(path: string, sha256: string): Promise<LoadedModule> {
  if (path.endsWith("ts") && !process.features.typescript) throw notTypeScript(`the module ${path} is TypeScript`);
  // NOTE: the checksum makes a changed file another module; else Node would give the one that it loaded before.
  const url = `${pathToFileURL(path).href}?sha256=${sha256}`;
  await beginModule(path);
  const files = new Set([path]);
  const hooks = nodeModule.registerHooks?.({
    resolve(...given) {
      const found = resolveLimbeck(...given);
      if (found.url.startsWith("file:")) files.add(fileURLToPath(found.url));
      return found;
    },
  });
  try {
    const exports = (await settled(path, "load", import(url))) as Readonly<Record<string, unknown>>;
    checkIntrinsics(path);
    return { path, sha256, exports };
  } catch (error) {
    throw await loadFailed(error, path, files);
  } finally {
    hooks?.deregister();
  }
}

/** Why a module that imports these files, itself among them, cannot be loaded. */
async function loadFailed(error: unknown, path: string, files: Iterable<string>): Promise<LimbeckError> {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[cm]?ts"/.test(message))
    return notTypeScript(`the module ${path} imports TypeScript: ${message}`);
  if (code === "ERR_MODULE_NOT_FOUND" && message.includes("'limbeck'"))
    return moduleFailed(
      error,
      path,
      "cannot be loaded (in Node before 22.15, install limbeck where it finds it, the same that runs)",
    );
  if (error instanceof SyntaxError && !hasPlace(error)) {
    const place = await syntaxErrorIn(files);
    // As Node has it on other errors of syntax.
    if (place !== undefined) error.stack = `${place}\n${error.stack}`;
  }
  return moduleFailed(error, path, "cannot be loaded");
}

function notTypeScript(what: string): LimbeckError {
  return new LimbeckError(
    "MODULE",
    `${what}, which Node ${process.versions.node} does not run; take Node 22.18 or later, or give it as JavaScript (.js)`,
  );
}

/** The folder of the entries: `limbeck/nn` is `nn.ts` there, or `nn.js` where it is compiled. */
const entries = new URL("../../../entries/", import.meta.url);

/**
 * `limbeck` and its entries are those of the Limbeck that runs, wherever the module lies. NOTE: tensors of another copy would be no
 * tensors here. Node before 22.15 has no such hooks; there the module has to find the package that runs.
 */
const resolveLimbeck: nodeModule.ResolveHookSync = (specifier, context, next) => {
  const [, entry = "index"] = /^limbeck(?:\/([a-z]+))?$/.exec(specifier) ?? [];
  if (!/^limbeck($|\/)/.test(specifier) || specifier === "limbeck/package.json") return next(specifier, context);
  return next(new URL(entry + extname(import.meta.url), entries).href, context);
};
