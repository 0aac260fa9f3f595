/** @file A study's description from a file: YAML, JSON, or a module that exports it. Every problem is listed at once, with its line. */
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { isScalar, LineCounter, parseDocument, type Document } from "yaml";
import { LimbeckError } from "../../errors.ts";
import { isModulePath } from "../../experiment/settings/index.ts";
import { imported } from "../../experiment/node/modules/index.ts";
import { problemsOf } from "../../parse-with.ts";
import { sha256Hex } from "../../sha256.ts";
import { studySchema, type StudyDescription } from "../description.ts";

/** Whether a path names the file of a study. */
export function isStudyFile(path: string): boolean {
  return [".yaml", ".yml", ".json"].includes(extname(path)) || isModulePath(path);
}

/**
 * The description in a file, changed as `set` says: `recipe.epochs` to 3. Throws CONFIG listing every problem with its line; MODULE for a module that
 * cannot be loaded or has no default export.
 */
export async function readStudy(path: string, set: Readonly<Record<string, unknown>> = {}): Promise<StudyDescription> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new LimbeckError("CONFIG", `the study ${path} cannot be read: ${cause.message}; give another path`, {
      cause,
    });
  });
  if (isModulePath(path)) {
    const { exports } = await imported(resolve(path), await sha256Hex(new Uint8Array(bytes)));
    if (exports["default"] === undefined)
      throw new LimbeckError(
        "MODULE",
        `${path} should give the study as its default export: export default defineStudy({ … })`,
      );
    return checkStudy(structuredClone(exports["default"]), set, { what: `the study ${path}` });
  }
  const lines = new LineCounter();
  const document = parseDocument(bytes.toString("utf8"), { lineCounter: lines, prettyErrors: true, merge: true });
  const [error] = document.errors;
  if (error)
    throw new LimbeckError("CONFIG", `the study ${path} is not YAML: ${error.message.trim()}`, { cause: error });
  return checkStudy(document.toJS({ maxAliasCount: 100 }) as unknown, set, {
    what: `the study ${path}`,
    lineOf: (at) => lineAt(document, lines, at),
  });
}

interface Place {
  /** What is described, for messages. */
  readonly what: string;
  /** The line of a value, from 1, by its path. */
  readonly lineOf?: (path: readonly PropertyKey[]) => number | undefined;
}

/** A description, changed and checked. Throws CONFIG. */
export function checkStudy(
  value: unknown,
  set: Readonly<Record<string, unknown>>,
  { what, lineOf }: Place,
): StudyDescription {
  const changed = Object.entries(set).reduce(
    (before, [key, each]) => withValue(before, key.split("."), each, key),
    value,
  );
  const parsed = studySchema.safeParse(changed);
  if (parsed.success) return changed as StudyDescription;
  const problems = problemsOf(studySchema, changed, parsed.error).map(({ path, message }) => {
    const line = lineOf?.(path);
    const place = [...(line === undefined ? [] : [`line ${line}`]), ...(path.length > 0 ? [path.join(".")] : [])].join(
      ", ",
    );
    return `  ${place}${place && ": "}${message}`;
  });
  throw new LimbeckError("CONFIG", `${what}:\n${problems.join("\n")}`);
}

/** With the value at a path in place of what was there. Throws CONFIG for a path through something else than objects. */
function withValue(whole: unknown, [name, ...rest]: readonly string[], value: unknown, key: string): unknown {
  if (name === undefined) return value;
  if (whole !== undefined && (typeof whole !== "object" || whole === null || Array.isArray(whole)))
    throw new LimbeckError(
      "CONFIG",
      `--set ${key}: there is a list or a value before ${name}, not settings by name; change the file`,
    );
  const settings = (whole ?? {}) as Readonly<Record<string, unknown>>;
  return { ...settings, [name]: withValue(settings[name], rest, value, key) };
}

/** Of the value at the path, or the nearest around it. */
function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { readonly range?: readonly number[] } | undefined;
    const from = isScalar(node) || typeof node === "object" ? node?.range?.[0] : undefined;
    if (from !== undefined) return lines.linePos(from).line;
  }
  return undefined;
}
