/** @file What a module of somebody's own throws, as an error that says in which file and line. */
import { fileURLToPath } from "node:url";
import { shown } from "../../../arguments.ts";
import { LimbeckError } from "../../../errors.ts";
import { checkIntrinsics } from "./intrinsics.ts";

/** An error of code MODULE, or of Limbeck's own if it was one, that names the module: `net.ts:12:5: …`; itself where it does already. */
export function moduleFailed(error: unknown, path: string, what: string): LimbeckError {
  if (error instanceof LimbeckError && error.message.includes(path)) return error;
  const place = placeIn(error, path) ?? path;
  if (error instanceof LimbeckError)
    return new LimbeckError(error.code, `${place}: ${error.message}`, { cause: error });
  const message =
    error instanceof Error ? `${String(error.name)}: ${String(error.message)}` : `it threw ${shown(error)}`;
  const outside = place === path ? placeOutside(error) : undefined;
  const at = outside === undefined ? "" : `, at ${outside}`;
  return new LimbeckError("MODULE", `the module ${place} ${what}: ${message}${at}`, { cause: error });
}

/** How often JavaScript's own objects are looked at while modules' code may run in between. */
const CHECK_MILLISECONDS = 1000;

/** What `work` yields and gives; its errors name the module whose code they come from. Throws as `checkIntrinsics` too. */
export async function* namingModules<Event, Result>(
  paths: readonly string[],
  work: AsyncGenerator<Event, Result>,
): AsyncGenerator<Event, Result> {
  const { length } = paths;
  let checked = performance.now();
  try {
    for (;;) {
      const next = await work.next();
      if (length > 0 && (next.done || performance.now() - checked > CHECK_MILLISECONDS)) {
        checkIntrinsics(paths.join(" or "));
        checked = performance.now();
      }
      if (next.done) return next.value;
      yield next.value;
    }
  } catch (error) {
    throw fromModule(error, paths);
  } finally {
    await work.return(undefined as never);
  }
}

/**
 * An error with the place in a module that it comes from; itself where it is one of Limbeck's that comes from none. NOTE: Limbeck throws
 * LimbeckErrors alone, so any other is a module's doing: its own, that of what it imports, or of a value that is not what it seems.
 */
export function fromModule(error: unknown, paths: readonly string[], what = "failed"): unknown {
  const path = paths.find((each) => placeIn(error, each) !== undefined);
  if (path !== undefined) return moduleFailed(error, path, what);
  return error instanceof LimbeckError || paths.length === 0 ? error : moduleFailed(error, paths.join(" or "), what);
}

/** `/home/me/net.ts:12:5`, the innermost place of this module on the stack of an error or of what it was caused by. */
function placeIn(error: unknown, path: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const place = placeIn(error.cause, path) ?? placesOf(error).find(({ file }) => file === path);
  return typeof place === "object" ? place.file + place.position : place;
}

/** Whether an error says where it comes from, in a file that is not Limbeck's. */
export function hasPlace(error: unknown): boolean {
  return placeOutside(error) !== undefined;
}

/** The innermost place of a file that is not Limbeck's: one that a module imports. */
function placeOutside(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const place = placesOf(error).find(({ file }) => !file.startsWith(limbeck) && !file.includes("/node_modules/"));
  return place && place.file + place.position;
}

const limbeck = fileURLToPath(new URL("../../../", import.meta.url));

interface Place {
  readonly file: string;
  /** `:12:5`, or `:12`. */
  readonly position: string;
}

/** The files on an error's stack, the innermost first. */
function placesOf({ stack }: Error): readonly Place[] {
  // NOTE: the message, which may hold anything, stands before the frames; before that of a SyntaxError stands its own place.
  const [first = "", ...others] = String(stack).split("\n");
  const lines = [
    ...(/^SyntaxError/m.test(String(stack)) ? [first] : []),
    ...others.filter((line) => line.startsWith("    at ")),
  ];
  return lines.flatMap((line) => {
    if (line.includes("node:internal")) return [];
    // NOTE: modules stand there by their URLs, CommonJS ones by their paths.
    const [, start, position] =
      /((?:file:\/\/|[/\\]|[A-Z]:).*?)(?:\?sha256=[\da-f]{64})?((?::\d+){1,2})\)?$/.exec(line) ?? [];
    if (start === undefined || position === undefined) return [];
    return [{ file: start.startsWith("file:") ? fileURLToPath(start) : start, position }];
  });
}
