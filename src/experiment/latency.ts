/** @file How long finished networks take to classify images on one thread: what each costs where it is used, all timed in turn. */
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import { fastestOf, isSettled, timeInTurn, type Timing, type Unsettled } from "../timing.ts";
import { stopIfAborted, type Prepared, type Timeable } from "../train/index.ts";
import type { Latency, Untimed } from "./record.ts";

/** What a record holds of a network's speed. */
export interface Latencies {
  readonly latency: readonly Latency[];
  readonly untimed?: readonly Untimed[] | undefined;
}

/** What networks are timed on. */
export interface OneThread {
  /** Starts an engine of one thread. */
  start(): Promise<Engine>;
  /** For people: what computes there. */
  readonly machine: string;
}

export interface MeasureLatencyOptions {
  readonly networks: readonly Timeable[];
  readonly oneThread: OneThread;
  /** About how long it may take in all. */
  readonly seconds: number;
  /** Checked all the time; an abort throws ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** One picture as it comes, and a batch that is large enough to keep a processor busy. */
const BATCHES = [1, 32] as const;
/** Milliseconds of passes that tell about how long one takes. */
const SOME = 100;
/** Passes that a batch needs time for, warming up included. */
const FEWEST = 10;

/**
 * Times passes over 1 and over 32 images, all networks in turn, so that whatever else the machine does meets all alike (`timeInTurn`). A
 * batch is left out, with the reason, where there is no time for it, no memory, or its median does not settle. Throws ABORTED.
 */
export async function measureLatency({
  networks,
  oneThread: { start, machine },
  seconds,
  signal,
}: MeasureLatencyOptions): Promise<readonly Latencies[]> {
  const check = (): void => stopIfAborted(signal, "networks were being timed; they will be timed again");
  const begun = performance.now();
  check();
  let own: Engine;
  try {
    own = await start();
  } catch (error) {
    const reason = whyUntimed(error);
    return networks.map(() => ({ latency: [], untimed: BATCHES.map((batch) => ({ batch, reason })) }));
  }
  const opened: Prepared[] = [];
  try {
    const passes = new Map<() => Promise<unknown>, Pass>();
    const untimed: (Untimed & { readonly network: Timeable })[] = [];
    for (const network of networks) {
      const ready = await attempt(async () => {
        const prepared = await network.prepare(own);
        opened.push(prepared);
        return prepared;
      });
      /** Milliseconds of an image, about. */
      let image = 0;
      for (const batch of BATCHES) {
        check();
        const needed = (FEWEST * batch * image) / 1000;
        if (typeof ready === "string" || needed > seconds / networks.length) {
          const slow = `${FEWEST} passes would take about ${Math.ceil(needed)} s`;
          untimed.push({ network, batch, reason: typeof ready === "string" ? ready : slow });
          continue;
        }
        const pass = await attempt(async () => {
          const made = await ready.pass(batch);
          image = (await fastestOf(made, SOME)) / batch;
          return made;
        });
        if (typeof pass === "string") untimed.push({ network, batch, reason: pass });
        else passes.set(pass, { network, batch, runner: ready.runner });
      }
    }
    const left = seconds - (performance.now() - begun) / 1000;
    const timings = await timeInTurn([...passes.keys()], { seconds: Math.max(0, left), check });
    const results = [...passes.values()].map((pass, i) => ({ ...pass, timing: timings[i]! }));
    return networks.map((network) => {
      const of = results.filter((result) => result.network === network);
      const missing = [
        ...untimed.filter((each) => each.network === network).map(({ batch, reason }) => ({ batch, reason })),
        ...of.flatMap(({ batch, timing }) => (isSettled(timing) ? [] : [{ batch, reason: unsettledReason(timing) }])),
      ];
      return {
        latency: of.flatMap(({ batch, runner, timing }) =>
          isSettled(timing) ? [latencyOf(timing, { batch, runner, machine })] : [],
        ),
        untimed: missing.length > 0 ? missing : undefined,
      };
    });
  } finally {
    for (const prepared of opened) await prepared.close();
    await own.close();
  }
}

interface Pass {
  readonly network: Timeable;
  readonly batch: number;
  readonly runner: string;
}

function latencyOf(
  { milliseconds, interval, runs, busy }: Timing,
  where: Pick<Latency, "batch" | "machine" | "runner">,
): Latency {
  return { ...where, milliseconds, interval, passes: runs, busy };
}

function unsettledReason({ interval, runs, busy = 0 }: Unsettled): string {
  const of = `of ${runs} passes that nothing interrupted`;
  const found = interval
    ? `${of} the median did not settle, between ${interval.map((time) => Number(time.toPrecision(3))).join(" and ")} ms`
    : "no pass was without interruption";
  return `${found}; other work had the processor for ${Math.round(100 * busy)} % of the time`;
}

/** The result, or why there is none: of an engine or runtime that has no room for it, say. */
async function attempt<Result extends object>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work();
  } catch (error) {
    return whyUntimed(error);
  }
}

/** Throws what is no reason to go on without a figure: a fault, or an interrupt. */
function whyUntimed(error: unknown): string {
  if (error instanceof LimbeckError && error.code !== "ABORTED") return error.message;
  throw error;
}
