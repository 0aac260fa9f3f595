/** @file The folder that is shown: what lies below it, looked at when somebody asks, and at most once a second. */
import { lstat, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readRegularFile } from "../../data/node/read-file.ts";
import { parseRecord } from "../../experiment/index.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { KeptFiles } from "./kept.ts";
import type { Overview } from "./overview-page.ts";
import type { NetworkDetails } from "./run-page.ts";
import { RunReader, type RunView } from "./run-view.ts";
import { scan } from "./scan.ts";
import { StepLog } from "./step-log.ts";
import { StudyReader, type StudyTable, type StudyView } from "./study-view.ts";

/** Milliseconds for which a look holds. */
const FRESH = 900;
/** Logs of batches that are followed. */
const MOST_LOGS = 64;

export class ShownFolder {
  readonly root: string;
  readonly #files = new KeptFiles();
  readonly #runs = new RunReader(this.#files);
  readonly #studies = new StudyReader(this.#files, this.#runs);
  readonly #logs = new Map<string, StepLog>();
  #last: { readonly time: number; readonly seen: Promise<Overview> } | undefined;

  constructor(root: string) {
    this.root = root;
  }

  overview(): Promise<Overview> {
    const now = performance.now();
    if (!this.#last || now - this.#last.time > FRESH) this.#last = { time: now, seen: this.#look() };
    return this.#last.seen;
  }

  /** A run that the folder or one of its studies lists by this path; nothing else is ever looked at. */
  async run(id: string): Promise<RunView | undefined> {
    const { runs, studies } = await this.overview();
    const found = runs.find((run) => run.id === id);
    if (found) return found;
    const study = studies.find((each) => each.runs.some(({ run }) => `${each.id}/runs/${run.id}` === id));
    // A plan may name anything; what lies in its folder by that name is no link, and nothing further down or up.
    if (!study || `${study.id}/runs/${basename(id)}` !== id) return undefined;
    const folder = join(study.folder, "runs", basename(id));
    const isFolder = (await lstat(folder).catch(() => undefined))?.isDirectory();
    const view = isFolder ? await this.#runs.look(id, folder) : undefined;
    return view && { ...view, isOfStudy: true };
  }

  /** A study with its table so far. */
  async study(id: string): Promise<(StudyView & { readonly table: StudyTable }) | undefined> {
    const study = (await this.overview()).studies.find((each) => each.id === id);
    return study && { ...study, table: this.#studies.table(study.folder) };
  }

  /** The networks of a run with their records and batches. */
  async details({ folder, networks }: RunView): Promise<readonly NetworkDetails[]> {
    return Promise.all(
      networks.map(async (network) => {
        if (!network.isBegun) return { network, steps: [] };
        const log = this.#log(join(folder, network.name, "steps.jsonl"));
        const path = join(folder, network.name, "run.json");
        const [steps, record] = await Promise.all([
          log.read(),
          this.#files
            .read(path, async () =>
              parseRecord(parseStrictJson(new TextDecoder().decode(await readRegularFile(path))), path),
            )
            .catch((error: Error) => error),
        ]);
        return record instanceof Error
          ? { network, steps, problem: record.message }
          : { network, steps, record, problem: log.problem && `${network.name}: ${log.problem}` };
      }),
    );
  }

  async #look(): Promise<Overview> {
    const isThere = (await stat(this.root).catch(() => undefined)) !== undefined;
    const { runs, studies, problems } = await scan(this.root);
    const views = await Promise.all(runs.map((id) => this.#runs.look(id, join(this.root, id))));
    return {
      root: this.root,
      isThere,
      problems,
      runs: views.filter((view) => view !== undefined),
      studies: await Promise.all(studies.map((id) => this.#studies.look(id, join(this.root, id)))),
    };
  }

  #log(path: string): StepLog {
    const log = this.#logs.get(path) ?? new StepLog(path);
    this.#logs.delete(path);
    this.#logs.set(path, log);
    const [oldest = path] = this.#logs.keys();
    if (this.#logs.size > MOST_LOGS) this.#logs.delete(oldest);
    return log;
  }
}
