/** @file The log of a training's batches, read as it grows: only what was added since the last look. */
import { open } from "node:fs/promises";
import type { StepLoss } from "../../report/index.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { stepLoss } from "../step-loss.ts";
import { fileAt } from "./kept.ts";

/** Bytes read at a time. */
const CHUNK = 2 ** 20;
/** No line is longer. */
const MOST_LINE = 2 ** 20;

/** Follows one file. */
export class StepLog {
  readonly #path: string;
  #steps: StepLoss[] = [];
  #offset = 0;
  #inode = 0;
  #rest = "";
  #decoder = new TextDecoder();
  #problem: string | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Why not all of the file is shown. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** All batches so far. A file that was cut back, as when a run is resumed, is read from its start. */
  read(): Promise<readonly StepLoss[]> {
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #read(): Promise<readonly StepLoss[]> {
    const found = await fileAt(this.#path);
    if (!found || found.size < this.#offset || found.ino !== this.#inode) this.#restart(found?.ino ?? 0);
    if (!found || this.#problem !== undefined || found.size === this.#offset) return this.#steps;
    const file = await open(this.#path, "r");
    try {
      const chunk = new Uint8Array(CHUNK);
      while (this.#offset < found.size && this.#problem === undefined) {
        const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK, found.size - this.#offset), this.#offset);
        if (bytesRead === 0) break;
        this.#offset += bytesRead;
        this.#add(this.#decoder.decode(chunk.subarray(0, bytesRead), { stream: true }));
      }
    } finally {
      await file.close();
    }
    return this.#steps;
  }

  #restart(inode: number): void {
    [this.#steps, this.#offset, this.#inode, this.#rest, this.#problem] = [[], 0, inode, "", undefined];
    this.#decoder = new TextDecoder();
  }

  #add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MOST_LINE) this.#problem = "its log of batches holds a line that no training wrote";
    for (const line of lines) {
      const step = parsed(line);
      // A run that was resumed writes the same lines again, from its checkpoint on.
      if (step && step.step <= this.#steps.length) this.#steps.length = step.step - 1;
      if (step?.step === this.#steps.length + 1) this.#steps.push(step);
      else this.#problem = `line ${this.#steps.length + 1} of its log of batches is damaged`;
      if (this.#problem !== undefined) return;
    }
  }
}

function parsed(line: string): StepLoss | undefined {
  try {
    return stepLoss.parse(parseStrictJson(line));
  } catch {
    return undefined;
  }
}
