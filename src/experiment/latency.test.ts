import { expect, test } from "vitest";
import type { Engine } from "../engine/contract.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { initialise } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { tinyModel } from "../../test/experiment/tiny.ts";
import { measureLatency } from "./latency.ts";

test("a network is timed at 1 and at 32 images in an engine of its own, and its values stay", async () => {
  const engine = referenceEngine();
  const model = tinyModel({ channels: 4, norm: true });
  const values = initialise(model.module, torchRandom(1));
  for (const [state, value] of values) await engine.write(state, value);
  const started: Engine[] = [];
  const start = async () => {
    started.push(referenceEngine());
    return started.at(-1)!;
  };
  const measured = await measureLatency({ engine, model, oneThread: { start, machine: "here" }, seconds: 1 });
  expect(measured.map(({ batch }) => batch)).toEqual([1, 32]);
  for (const { milliseconds, passes, machine } of measured) {
    expect(machine).toBe("here");
    expect(milliseconds).toBeGreaterThan(0);
    expect(passes).toBeGreaterThanOrEqual(3);
  }
  expect(started).toHaveLength(1);
  await expect(started[0]!.compile({ outputs: {}, updates: [] })).rejects.toMatchObject({ code: "ENGINE" });
  for (const [state, value] of values) expect(await engine.read(state)).toEqual(value);
  await engine.close();
});

test("a batch for which there is no time is left out", async () => {
  const engine = referenceEngine();
  const model = tinyModel({ channels: 64 });
  for (const [state, value] of initialise(model.module, torchRandom(1))) await engine.write(state, value);
  const measured = await measureLatency({
    engine,
    model,
    oneThread: { start: async () => referenceEngine(), machine: "here" },
    seconds: 0,
  });
  expect(measured.map(({ batch }) => batch)).toEqual([1]);
  await engine.close();
});

test("timing stops when it is told to, and closes its engine", async () => {
  const engine = referenceEngine();
  const own = referenceEngine();
  const model = tinyModel();
  for (const [state, value] of initialise(model.module, torchRandom(1))) await engine.write(state, value);
  const oneThread = { start: async () => own, machine: "here" };
  await expect(
    measureLatency({ engine, model, oneThread, seconds: 1, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ code: "ABORTED" });
  await expect(own.compile({ outputs: {}, updates: [] })).rejects.toMatchObject({ code: "ENGINE" });
  await engine.close();
});
