/** @file What a module of somebody's own throws, as an error that says in which file and line. */
import { pathToFileURL } from "node:url";
import { shown } from "../../../arguments.ts";
import { LimbeckError } from "../../../errors.ts";

/** An error of code MODULE, or of Limbeck's own if it was one, that names the module: `net.ts:12:5: …`. */
export function moduleFailed(error: unknown, path: string, what: string): LimbeckError {
  const place = placeIn(error, path) ?? path;
  if (error instanceof LimbeckError)
    return new LimbeckError(error.code, `${place}: ${error.message}`, { cause: error });
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${shown(error)}`;
  return new LimbeckError("MODULE", `the module ${place} ${what}: ${message}`, { cause: error });
}

/** What `work` yields and gives; its errors name the module whose code they come from, where that can be told. */
export async function* namingModules<Event, Result>(
  paths: readonly string[],
  work: AsyncGenerator<Event, Result>,
): AsyncGenerator<Event, Result> {
  try {
    return yield* work;
  } catch (error) {
    throw fromModule(error, paths);
  }
}

/** An error with the place in a module that it comes from; itself where it comes from none. */
export function fromModule(error: unknown, paths: readonly string[]): unknown {
  // Limbeck throws errors alone.
  if (!(error instanceof Error) && paths.length > 0) return moduleFailed(error, paths.join(" or "), "failed");
  const path = paths.find((each) => placeIn(error, each) !== undefined);
  return path === undefined ? error : moduleFailed(error, path, "failed");
}

/** `/home/me/net.ts:12:5`, the innermost place of this module on the stack of an error or of what it was caused by. */
function placeIn(error: unknown, path: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = placeIn(error.cause, path);
  if (inner !== undefined) return inner;
  const { stack = "" } = error;
  const { href } = pathToFileURL(path);
  // NOTE: the message, which may hold anything, stands before the frames.
  for (const frame of stack.split("\n").filter((line) => line.startsWith("    at "))) {
    // NOTE: of a CommonJS module by its path.
    const start = [`${href}?sha256=`, path].find((each) => frame.includes(each));
    if (start === undefined) continue;
    const [, position] = /^(?:[\da-f]{64})?(:\d+:\d+)/.exec(frame.slice(frame.indexOf(start) + start.length)) ?? [];
    return path + (position ?? "");
  }
  return undefined;
}
