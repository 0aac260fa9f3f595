/** @file Importing user modules, whose `limbeck` is the Limbeck that runs: waited for, watched, and what they export found. */
import * as nodeModule from "node:module";
import { extname, basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LimbeckError } from "../../../errors.ts";
import { hasPlace, moduleFailed } from "./failed.ts";
import { checkIntrinsics } from "./intrinsics.ts";
import { execFile } from "node:child_process";
import { shown, type Kind } from "../../../arguments.ts";
import type { ModuleSource } from "../../../module-source.ts";

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

/** What is published lies below it: `limbeck/nn` is `entries/nn.ts`, or `.js` where it is compiled. */
const root = new URL("../../../", import.meta.url);

/**
 * `limbeck` and its entries are those of the Limbeck that runs, wherever the module lies. NOTE: tensors of another copy would be no
 * tensors here. Node before 22.15 has no such hooks; there the module has to find the package that runs.
 */
const resolveLimbeck: nodeModule.ResolveHookSync = (specifier, context, next) => {
  const [found, method, entry = "index"] = /^limbeck(?:\/methods\/([\w-]+)|\/([a-z]+))?$/.exec(specifier) ?? [];
  if (found === undefined) return next(specifier, context);
  const path = method === undefined ? `entries/${entry}` : `distill/methods/${method}`;
  return next(new URL(path + extname(import.meta.url), root).href, context);
};

const begun = new Set<string>();
type Watch = (paths: readonly string[]) => Promise<void>;
const watchers = new Set<Watch>();

/** The absolute paths of the modules whose code has run, or runs. */
export function begunModules(): readonly string[] {
  return [...begun];
}

/** To be waited for before a module's code runs for the first time. */
async function beginModule(path: string): Promise<void> {
  if (begun.has(path)) return;
  begun.add(path);
  await Promise.all([...watchers].map((watch) => watch(begunModules())));
}

/** Calls `watch` with all of them before the code of one more runs, which waits for it. */
export function watchModules(watch: Watch): void {
  watchers.add(watch);
}

/**
 * What `promise` gives, or throws. Throws MODULE where nothing is left that could settle it, such as `await new Promise(() => {})`;
 * ABORTED once the signal is raised. `what` says what the module does: `load`.
 */
export async function settled<Value>(
  path: string,
  what: string,
  promise: PromiseLike<Value> | Value,
  signal?: AbortSignal,
): Promise<Value> {
  let refuse: (error: LimbeckError) => void = () => {};
  const refused = new Promise<never>((_, reject) => (refuse = reject));
  const never = (): void =>
    refuse(
      new LimbeckError(
        "MODULE",
        `the module ${path} does not ${what}: it waits for a promise that nothing can settle any more; see what it awaits`,
      ),
    );
  const stop = (): void =>
    refuse(new LimbeckError("ABORTED", `stopped while waiting for the module ${path} to ${what}`));
  // NOTE: it comes when the process has nothing left to do, and may go on if somebody finds something.
  process.on("beforeExit", never);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    return await Promise.race([promise, refused]);
  } finally {
    process.off("beforeExit", never);
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * `/home/me/net.js:3` of the first of these files that Node cannot read, if there is one.
 *
 * NOTE: another process of Node, which reads the file and runs nothing of it.
 */
async function syntaxErrorIn(files: Iterable<string>): Promise<string | undefined> {
  for (const file of files) {
    const message = await new Promise<string>((settle) => {
      execFile(process.execPath, ["--check", file], (error, _, stderr) => settle(error ? stderr : ""));
    });
    const [place = ""] = message.split("\n");
    if (place.startsWith(file)) return place;
  }
  return undefined;
}

/** What a module exports as `model`, say, or as default. Throws MODULE. */
export function partOf({ path, exports }: LoadedModule, name: string, kind: Kind): unknown {
  const own = exports[name];
  const found = own ?? exports["default"];
  if (kind.is(found)) return found;
  if (found !== undefined) throw wrongKind(path, `what it exports as ${own ? name : "default"} should be`, kind, found);
  const others = Object.keys(exports);
  throw new LimbeckError(
    "MODULE",
    `the module ${path} should export a ${name === "dataset" ? "data set" : name}, as ${name} or as default, got ${others.length > 0 ? others.join(", ") : "no export"}`,
  );
}

/** An error for a value of another kind. */
export function wrongKind(path: string, what: string, { expected }: Kind, got: unknown): LimbeckError {
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
