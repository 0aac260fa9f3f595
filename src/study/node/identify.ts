/** @file What a run is, whoever describes it: the same settings, images, teacher and modules are the same run, in whichever study and folder. */
import { stat } from "node:fs/promises";
import { fingerprintOnce } from "../../data/fingerprint.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { checkNames } from "../../experiment/settings/index.ts";
import { kindOfTeacher, type LoadDataOptions, parseWithModules, weightsPath } from "../../experiment/node/index.ts";
import { sha256Hex } from "../../sha256.ts";
import { hashTeacher } from "../../teachers/node/index.ts";
import type { DescribedRun } from "../expand.ts";
import type { Shared } from "./shared.ts";

/** Raised with every change that lets the same settings end in other bits. */
const NUMBERS = 1;

/** Settings that change no number, or stand for content that is hashed in their place. */
const left = new Set([
  "threads",
  "latency",
  "force",
  "dataset",
  "dataDir",
  "skipBroken",
  "modules",
  "baseline",
  "seeds",
  "extendable",
  "tensorboard",
  // Its options are all among the method's.
  "preset",
]);
/** Settings that are paths of files whose content counts. */
const files = ["teacher", "teacherLogits", "weights"] as const;

/** Names runs, and remembers what it has hashed. */
export class Identifier {
  readonly #shared: Shared;
  readonly #hashes = new Map<string, Promise<string>>();

  readonly #loading: LoadDataOptions;

  constructor(shared: Shared, loading: LoadDataOptions = {}) {
    this.#shared = shared;
    this.#loading = loading;
  }

  /**
   * The run's identity, a SHA-256; `teacher` is that of the run that trains its teacher, if the study does that. Throws as a run's configuration does, and
   * as its data set's reader; WEIGHTS for a teacher's file that cannot be read.
   */
  async identify({ command, settings }: DescribedRun, teacher?: string): Promise<string> {
    checkNames(settings);
    const { config, own } = await parseWithModules(command, {
      ...settings,
      // Any name: it is not there yet.
      ...(teacher !== undefined && { teacher: ["teacher"] }),
    });
    const { dataset } = await this.#shared.load(config, this.#loading, own);
    const data = await fingerprintOnce(dataset);
    const modules = new Map(Object.entries(own.sha256));
    const entries = Object.entries(config).filter(
      ([name]) => !left.has(name) && !(files as readonly string[]).includes(name),
    );
    const paths = Object.entries(config).filter(([name]) => (files as readonly string[]).includes(name));
    const contents = await Promise.all(
      paths.map(async ([name, value]) => [
        name,
        teacher !== undefined && name === "teacher"
          ? teacher
          : await Promise.all([value].flat().map((path) => this.#hashOf(String(path)))),
      ]),
    );
    const what = {
      numbers: NUMBERS,
      command,
      data,
      contents,
      settings: withHashes(Object.fromEntries(entries), modules),
    };
    return sha256Hex(stableJson(what));
  }

  /** NOTE: looks at the file each time, since it may change while a worker goes on for days. */
  async #hashOf(path: string): Promise<string> {
    const { onDownload, signal } = this.#loading;
    const file = (await kindOfTeacher(path)?.file?.(path, { onDownload, signal })) ?? (await weightsPath(path));
    try {
      const { mtimeMs, size } = await stat(file);
      const key = JSON.stringify([file, mtimeMs, size]);
      const known = this.#hashes.get(key) ?? hashTeacher(file);
      this.#hashes.set(key, known);
      return await known;
    } catch (cause) {
      if (cause instanceof LimbeckError) throw cause;
      const message = `${file} cannot be read: ${reasonOf(cause)}; give another path`;
      throw new LimbeckError("WEIGHTS", message, { cause });
    }
  }
}

/** Settings with the content of modules in place of their paths. */
function withHashes(value: unknown, modules: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string")
    return [...modules].reduce((text, [path, sha256]) => text.replaceAll(path, sha256), value);
  if (Array.isArray(value)) return value.map((each) => withHashes(each, modules));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withHashes(inner, modules)]));
}

/** JSON whose keys are sorted, so that their order makes no difference. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
