/** @file The contract of the folder that an experiment writes. In Node it is a folder on disk: node/folder.ts. */

/**
 * Files by relative path, such as `student-kd/run.json`:
 *
 * - `config.json`: the whole description of the experiment; `results.json`: the comparison so far.
 * - one folder a run with `config.json`, `steps.jsonl`, and, when it is over, `model.safetensors`, `random.json` (where the
 *   random stream went on from) and, last, `run.json`; until then a `checkpoint`.
 */
export interface ExperimentFolder {
  /** The file's bytes; `undefined` if there is none. Throws OUTPUT if it cannot be read. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Puts the whole file in place, or leaves what was there. Throws OUTPUT. */
  write(path: string, content: Uint8Array | string): Promise<void>;
  /** Opens a file of lines, keeping the first `keep` of them. Throws OUTPUT. */
  lines(path: string, keep: number): Promise<Lines>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
  /** Lets others use the folder. */
  close(): Promise<void>;
}

/** A growing file of lines. */
export interface Lines {
  append(line: string): void;
  /** Settles when all lines so far would survive a power cut. Throws OUTPUT. */
  flush(): Promise<void>;
  /** Flushes and lets go. */
  close(): Promise<void>;
}

/** JSON as the folder's files have it. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A JSON file of a folder; `undefined` if there is none. */
export async function readJson(folder: ExperimentFolder, path: string): Promise<unknown> {
  const bytes = await folder.read(path);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}
