/** @file How long pieces of work take: the median of runs that nothing interrupted, taken in turn until each is steady. */
import { median } from "./statistics.ts";

/** What comes of timing one piece of work. */
export interface Timing {
  /** The median of a run. */
  readonly milliseconds: number;
  /** Of the median, with 95 % confidence; of fewer than six samples their range. */
  readonly interval: readonly [low: number, high: number];
  /** Runs that count. */
  readonly runs: number;
  /** The share of the time that other work had the processor; absent where the system does not say. */
  readonly busy?: number | undefined;
}

/** Work whose median did not settle: how often it ran uninterrupted, and where its median lies as far as is known. */
export interface Unsettled extends Omit<Timing, "milliseconds" | "interval"> {
  readonly interval?: readonly [low: number, high: number] | undefined;
}

export interface TimingOptions {
  /** About how long it may take in all; what is steady sooner ends it. */
  readonly seconds: number;
  /** Called before each turn; what it throws ends the timing. */
  readonly check?: () => void;
}

/** Of the time of a measurement, what other work may take before a reader is told. */
export const MUCH_LOAD = 0.1;

/** Of the median, the interval that is aimed at, and the widest that still is a figure. */
const AIM = 0.03;
const WIDEST = 0.1;
/** Samples that a steady median is of at least. */
const FEWEST = 5;
/** Milliseconds of work that they have taken at least. */
const LEAST_WORK = 60;
/** Milliseconds of a sample: less than a system lets others interrupt, and many ticks of the clock. */
const SAMPLE = 1;
/** Milliseconds of a turn: what others left in the caches is gone after its first run, which does not count. */
const TURN = 5;
/** Milliseconds of work after which V8 has seen what is worth optimising. */
const WARM_UP = 100;
/** The least share of the processor that an uninterrupted sample has. */
const UNINTERRUPTED = 0.95;

/**
 * Times each piece of work, in turn, until its median is known to within 3 %, or the time is over. It is given after that, too, if it is known to within
 * 10 %. Samples that were interrupted by other work do not count, where the system says how long a process had the processor.
 */
export async function timeInTurn(
  works: readonly (() => Promise<unknown>)[],
  { seconds, check = () => undefined }: TimingOptions,
): Promise<readonly (Timing | Unsettled)[]> {
  const begun = performance.now();
  const left = (): number => 1000 * seconds - (performance.now() - begun);
  const all = works.map((work) => new Timed(work));
  // Optimised code is made in the background, of what has run: twice, since that shows what else is worth it.
  for (let round = 0; round < 2; round++) {
    for (const timed of all) {
      check();
      await timed.warmUp(Math.min(WARM_UP, left() / (4 * all.length)));
    }
    await quiet(Math.min(1000, left() / 4), check);
  }
  for (let isFirst = true; isFirst || (left() > 0 && !all.every((timed) => timed.isSteady)); isFirst = false) {
    for (const timed of all.filter((each) => !each.isSteady)) {
      check();
      await timed.turn();
    }
  }
  return all.map((timed) => timed.result());
}

/**
 * About how long a run takes: the least milliseconds that one had the processor, of those in this time, or of five if they end in ten times as much.
 * The first are slower, since V8 compiles better what runs often.
 */
export async function fastestOf(work: () => Promise<unknown>, milliseconds: number): Promise<number> {
  let fastest = Infinity;
  const begun = performance.now();
  for (let runs = 0, taken = 0; taken < (runs < FEWEST ? 10 : 1) * milliseconds || runs === 0; runs++) {
    const { wall, processor = wall } = await clocked(1, work);
    // NOTE: what waits has the processor for no time.
    fastest = Math.min(fastest, processor || wall);
    taken = performance.now() - begun;
  }
  return fastest;
}

/** A piece of work, and what is known of it. */
class Timed {
  readonly #work: () => Promise<unknown>;
  /** Milliseconds of a run, each a mean over a sample. */
  #samples: number[] = [];
  /** The fastest run seen. */
  #fastest = Infinity;
  #runs = 0;
  /** Milliseconds of samples that count. */
  #counted = 0;
  #wall = 0;
  #processor = 0;
  isSteady = false;

  constructor(work: () => Promise<unknown>) {
    this.#work = work;
  }

  async warmUp(milliseconds: number): Promise<void> {
    this.#fastest = Math.min(this.#fastest, await fastestOf(this.#work, milliseconds));
  }

  /** Takes samples, after a run that does not count; one where a run is longer than a turn. */
  async turn(): Promise<void> {
    if (this.#fastest < TURN) await this.#work();
    const runs = Math.max(1, Math.ceil(SAMPLE / this.#fastest));
    for (let rest = TURN; rest > 0;) {
      const { wall, processor } = await clocked(runs, this.#work);
      rest -= wall;
      this.#wall += wall;
      this.#processor += processor ?? 0;
      if (processor !== undefined && processor < UNINTERRUPTED * wall) continue;
      this.#samples.push(wall / runs);
      this.#runs += runs;
      this.#counted += wall;
    }
    this.#settle();
  }

  result(): Timing | Unsettled {
    const interval = this.#samples.length > 0 ? intervalOfMedian(this.#samples) : undefined;
    const common = {
      runs: this.#runs,
      busy: tellsProcessorTime ? Math.max(0, 1 - this.#processor / this.#wall) : undefined,
    };
    if (this.#samples.length < FEWEST || !interval || width(interval) > WIDEST) return { ...common, interval };
    return { ...common, interval, milliseconds: median(this.#samples) };
  }

  #settle(): void {
    const { length } = this.#samples;
    if (length < FEWEST || this.#counted < LEAST_WORK || width(intervalOfMedian(this.#samples)) > AIM) return;
    const later = this.#samples.slice(length >> 1);
    const [before, after] = [median(this.#samples.slice(0, length >> 1)), median(later)];
    if (Math.abs(after - before) <= AIM * after) this.isSteady = true;
    // Something has changed on the way: code was still being optimised, say.
    else this.#samples = later;
  }
}

/** Whether a timing has come to a figure. */
export function isSettled(timing: Timing | Unsettled): timing is Timing {
  return "milliseconds" in timing;
}

/** By ranks: of n samples, half ± 0.98·√n. */
function intervalOfMedian(samples: readonly number[]): readonly [number, number] {
  const sorted = samples.toSorted((a, b) => a - b);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const low = Math.max(0, Math.floor(sorted.length / 2 - reach));
  return [sorted[low]!, sorted[sorted.length - 1 - low]!];
}

function width([low, high]: readonly [number, number]): number {
  return (high - low) / low;
}

/** NOTE: Windows counts in ticks of 16 ms, and a page is not told. */
const tellsProcessorTime =
  typeof process === "object" && typeof process.cpuUsage === "function" && process.platform !== "win32";

/** Milliseconds of all threads of this process. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function clocked(
  runs: number,
  work: () => Promise<unknown>,
): Promise<{ readonly wall: number; readonly processor?: number | undefined }> {
  const processor = tellsProcessorTime ? processorTime() : 0;
  const begun = performance.now();
  for (let run = 0; run < runs; run++) await work();
  const wall = performance.now() - begun;
  return { wall, processor: tellsProcessorTime ? processorTime() - processor : undefined };
}

/** Milliseconds of a look, and of a processor's time in it that are nothing. */
const LOOK = 20;
const NOTHING = 0.5;

/** Waits until no other thread of this process computes: V8's compilers are done. */
async function quiet(milliseconds: number, check: () => void): Promise<void> {
  if (!tellsProcessorTime) return;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    check();
    const before = processorTime();
    await new Promise((next) => setTimeout(next, LOOK));
    if (processorTime() - before < NOTHING) return;
  }
}
