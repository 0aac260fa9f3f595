import { expect, test } from "vitest";
import type { Engine } from "../engine/contract.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { LimbeckError } from "../errors.ts";
import { initialise } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { tinyModel } from "../../test/experiment/tiny.ts";
import { networkToTime, togetherToTime, type Timeable } from "../train/timeable.ts";
import { measureLatency } from "./latency.ts";

async function begun(): Promise<{ engine: Engine; network: Timeable; values: ReturnType<typeof initialise> }> {
  const engine = referenceEngine();
  const model = tinyModel({ channels: 4, norm: true });
  const values = initialise(model.module, torchRandom(1));
  for (const [state, value] of values) await engine.write(state, value);
  return { engine, network: networkToTime(engine, model), values };
}

test("networks are timed at 1 and at 32 images in an engine of their own, and their values stay", async () => {
  const { engine, network, values } = await begun();
  const started: Engine[] = [];
  const start = async () => {
    started.push(referenceEngine());
    return started.at(-1)!;
  };
  const networks = [network, togetherToTime([network, network])];
  const [one, two] = await measureLatency({ networks, oneThread: { start, machine: "here" }, seconds: 5 });
  for (const timed of [one!, two!]) {
    const batches = [...timed.latency, ...(timed.untimed ?? [])].map(({ batch }) => batch);
    expect(batches.toSorted((a, b) => a - b)).toEqual([1, 32]);
    for (const { milliseconds, passes, machine, runner, interval } of timed.latency) {
      expect({ machine, runner }).toEqual({ machine: "here", runner: "reference" });
      expect(interval![0]).toBeLessThanOrEqual(milliseconds);
      expect(interval![1]).toBeGreaterThanOrEqual(milliseconds);
      expect(passes).toBeGreaterThanOrEqual(5);
    }
  }
  expect(started).toHaveLength(1);
  await expect(started[0]!.compile({ outputs: {}, updates: [] })).rejects.toMatchObject({ code: "ENGINE" });
  for (const [state, value] of values) expect(await engine.read(state)).toEqual(value);
  await engine.close();
});

test("a batch for which there is no time is left out, with the reason", async () => {
  const { engine, network } = await begun();
  const oneThread = { start: async () => referenceEngine(), machine: "here" };
  const [timed] = await measureLatency({ networks: [network], oneThread, seconds: 1e-6 });
  const reason = expect.stringMatching(/^10 passes would take about 1 s$/);
  expect(timed!.untimed).toContainEqual({ batch: 32, reason });
  await engine.close();
});

test("without an engine, or with a network that cannot be made ready, there are reasons and no figures", async () => {
  const { engine, network } = await begun();
  const refuse = async (): Promise<never> => {
    throw new LimbeckError("ENGINE", "no room");
  };
  const none = await measureLatency({ networks: [network], oneThread: { start: refuse, machine: "here" }, seconds: 1 });
  const untimed = [1, 32].map((batch) => ({ batch, reason: "no room" }));
  expect(none).toEqual([{ latency: [], untimed }]);
  const oneThread = { start: async () => referenceEngine(), machine: "here" };
  const [other] = await measureLatency({ networks: [{ prepare: refuse }, network], oneThread, seconds: 1 });
  expect(other).toEqual({ latency: [], untimed });
  await engine.close();
});

test("timing stops when it is told to, and closes its engine", async () => {
  const { engine, network } = await begun();
  const own = referenceEngine();
  const controller = new AbortController();
  const start = async (): Promise<Engine> => {
    controller.abort();
    return own;
  };
  const { signal } = controller;
  await expect(
    measureLatency({ networks: [network], oneThread: { start, machine: "here" }, seconds: 1, signal }),
  ).rejects.toMatchObject({ code: "ABORTED" });
  await expect(own.compile({ outputs: {}, updates: [] })).rejects.toMatchObject({ code: "ENGINE" });
  await engine.close();
});
