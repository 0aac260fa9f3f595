/** @file The last part of an experiment: its networks are timed, all in turn, and the records written again. */
import { MUCH_LOAD } from "../timing.ts";
import { networkToTime, type Timeable } from "../train/timeable.ts";
import { inWords } from "./agreement.ts";
import type { ExperimentEvent } from "./events.ts";
import { toJson } from "./folder.ts";
import { measureLatency } from "./latency.ts";
import type { RunContext, RunPlan } from "./plan.ts";
import type { RunRecord } from "./record.ts";

/** A share of its other work that is not too much, and a network's least and most, in seconds. */
const SHARE = 0.01;
const LEAST = 5;
const MOST = 5;

/**
 * The records, in the plans' order, with how long their networks take. Where all have figures, or reasons for none, they stay as they are; else
 * all are timed, since only figures of one sitting can be compared. Throws ABORTED.
 */
export async function* timedRuns(
  { engine, oneThread, folder, signal }: RunContext,
  plans: readonly RunPlan[],
  records: readonly RunRecord[],
): AsyncGenerator<ExperimentEvent, readonly RunRecord[]> {
  const toTime = plans.map((plan) => timeable(plan, engine));
  const isTimed = records.every((record, i) => record.latency !== undefined || !toTime[i]);
  if (!oneThread || isTimed) return records;
  const networks = toTime.flatMap((network) => network ?? []);
  yield { kind: "timing", networks: networks.length };
  const seconds = records
    .filter((_, i) => toTime[i])
    .reduce((sum, record) => sum + Math.min(MOST, Math.max(LEAST, SHARE * record.seconds)), 0);
  const latencies = await measureLatency({ networks, oneThread, seconds, ...(signal && { signal }) });
  const timed = records.map((record, i) => {
    const network = toTime[i];
    const { untimed: _, ...rest } = record;
    return network ? { ...rest, ...latencies[networks.indexOf(network)] } : record;
  });
  for (const record of timed) await folder.write(`${record.name}/run.json`, toJson(inWords(record)));
  const text = noteOf(timed);
  if (text !== undefined) yield { kind: "note", text, about: "load" };
  return timed;
}

/** What runs of the plan leave that can be timed; nothing of logits from a file. */
function timeable(
  { given, pretrained, learner: { model } }: RunPlan,
  engine: RunContext["engine"],
): Timeable | undefined {
  if (pretrained && given) return given.toTime;
  return model.elsewhere ? undefined : networkToTime(engine, model);
}

/** Whether the machine had other work, and what has no figure for it. */
function noteOf(records: readonly RunRecord[]): string | undefined {
  const busy = Math.max(0, ...records.flatMap(({ latency = [] }) => latency.map((each) => each.busy ?? 0)));
  const untimed = records.flatMap(({ title, untimed: all = [] }) =>
    all.map(({ batch, reason }) => `${title}, ${batch} ${batch === 1 ? "image" : "images"}: ${reason}`),
  );
  const isBusy = busy > MUCH_LOAD;
  if (!isBusy && untimed.length === 0) return undefined;
  const load = `the machine was busy while the networks were timed: other work had the processor for up to ${Math.round(100 * busy)} % of the time`;
  const missing = `without a time: ${untimed.join("; ")}`;
  return [...(isBusy ? [load] : []), ...(untimed.length > 0 ? [missing] : [])].join("; ");
}
