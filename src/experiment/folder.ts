/** @file The contract of the folder that an experiment writes. In Node it is a folder on disk: node/folder.ts. */
import { LimbeckError, reasonOf } from "../errors.ts";
import { parseStrictJson } from "../strict-json.ts";

/**
 * Files by relative path, such as `student-kd/run.json`:
 *
 * - `config.json`, the first: the whole description of the experiment; `plan.json`: the runs that there will be; `results.json`: the
 *   comparison so far.
 * - one folder a run with `config.json`, `steps.jsonl`, and, when it is over, `model.safetensors`, `random.json` (where the
 *   random stream stood at the end) and, last, `run.json`; until then `checkpoint-1` and `checkpoint-2`, the last two.
 *
 * What is read is what was written: `manifest.json` holds a checksum of each file.
 */
export interface ExperimentFolder {
  /** Raised when the folder is removed or replaced, or another process has taken it over; the reason is an OUTPUT error. */
  readonly lost: AbortSignal;
  /**
   * The file's bytes; `undefined` if there is none. Throws CHECKSUM if it is not as it was written, or gone, unless the whole
   * folder it was in is; OUTPUT if it cannot be read.
   */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Puts the whole file in place, or leaves what was there. Throws OUTPUT. */
  write(path: string, content: Uint8Array | string): Promise<void>;
  /** Opens a file of lines, keeping the first `keep` of them; one that does not hold those starts empty, with a note. Throws OUTPUT. */
  lines(path: string, keep: number): Promise<Lines>;
  /** Such a file's lines; `undefined` if there is none, or, with a note, if it is not as it was written. */
  readLines(path: string): Promise<readonly string[] | undefined>;
  /** Removes those of the files that are there. */
  remove(paths: readonly string[]): Promise<void>;
  /** The value that this name was bound to first: a checksum of something outside the folder that the experiment depends on. */
  bind(name: string, value: string): string;
  /** Warnings, and what was found damaged and is done without; whoever shows one takes it out. */
  readonly notes: string[];
  /** Lets others use the folder. */
  close(): Promise<void>;
}

/** A growing file of lines. */
export interface Lines {
  append(line: string): void;
  /** Resolves when all lines so far would survive a power cut. Throws OUTPUT. */
  flush(): Promise<void>;
  /** Flushes and lets go. */
  close(): Promise<void>;
}

/** JSON as the folder's files have it. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A JSON file of a folder; `undefined` if there is none. Throws as its `read`, and OUTPUT for one that is no JSON. */
export async function readJson(folder: ExperimentFolder, path: string): Promise<unknown> {
  const bytes = await folder.read(path);
  if (!bytes) return undefined;
  try {
    return parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LimbeckError("OUTPUT", `${path} should be JSON: ${reasonOf(cause)}; put a good copy in its place`, {
      cause,
    });
  }
}
