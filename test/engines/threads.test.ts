/** @file What becomes of an engine's threads: ended from outside, failing, refused by the system, idle, forgotten, closed. */
import { spawnSync } from "node:child_process";
import type { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { wasmEngine, type WasmEngine } from "../../src/entries/index.ts";
import { add, input, state, type Program } from "../../src/entries/tensor.ts";
import { script } from "./script.ts";

const x = input("x", [64]);
const graph = { outputs: { y: add(x, 1) }, updates: [] };
const inputs = { x: new Float32Array(64) };
const failed = { name: "LimbeckError", code: "ENGINE" };

/** An engine on three threads with a program that has run, and the workers that it started. */
async function started(): Promise<{ engine: WasmEngine; program: Program; workers: readonly Worker[] }> {
  const workers: Worker[] = [];
  const note = (worker: Worker): unknown => workers.push(worker);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  const engine = await wasmEngine({ threads: 3 });
  const program = await engine.compile(graph);
  await program.run(inputs);
  return { engine, program, workers };
}

describe.each([0, 2])("when thread %i", (which) => {
  test("is ended during a run, the run and what comes after it fail, and the engine can be closed", async () => {
    const { engine, program, workers } = await started();
    const ended = workers[which]!.terminate();
    await expect(program.run(inputs)).rejects.toMatchObject(failed);
    await expect(engine.compile(graph)).rejects.toMatchObject({ ...failed, message: expect.stringContaining("ended") });
    await expect(engine.read(state("s", [1]))).rejects.toMatchObject(failed);
    await ended;
    await engine.close();
  });

  test("is ended while all are idle, the next run fails, and the engine can be closed", async () => {
    const { engine, program, workers } = await started();
    await workers[which]!.terminate();
    await expect(program.run(inputs)).rejects.toMatchObject(failed);
    await engine.close();
  });

  test("fails, the run says why, and the other threads are ended", async () => {
    const { engine, program, workers } = await started();
    const ended = Promise.all(workers.map((worker) => new Promise((end) => worker.once("exit", end))));
    workers[which]!.postMessage({ kind: "start", memory: null, index: which, threads: 3 });
    await expect(program.run(inputs)).rejects.toMatchObject({
      ...failed,
      message: expect.stringMatching(/should be started/),
    });
    await ended;
    await engine.close();
  });
});

describe("a process", () => {
  const use = `
    const x = limbeck.input("x", [64]);
    const program = await engine.compile({ outputs: { y: limbeck.add(x, 1) }, updates: [] });
    const run = () => program.run({ x: new Float32Array(64) });`;

  test("ends with its engines idle, though none was closed", async () => {
    const outcome = await script(`for (let i = 0; i < 3; i++) {
      const engine = await limbeck.wasmEngine({ threads: 2 });${use}
      await run();
    }`);
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("lives until its engine is closed, where a thread ended in the middle of a run", async () => {
    const outcome = await script(`const workers = [];
      process.on("worker", (worker) => workers.push(worker));
      const engine = await limbeck.wasmEngine({ threads: 2 });
      const x = limbeck.input("x", [2 ** 20]);
      const y = Array.from({ length: 30 }).reduce((y) => limbeck.exp(limbeck.neg(y)), x);
      const program = await engine.compile({ outputs: { y }, updates: [] });
      const inputs = { x: new Float32Array(2 ** 20) };
      await program.run(inputs);
      const run = program.run(inputs);
      workers[1].terminate();
      await run.catch(({ code }) => console.log(code));
      await engine.close();
      console.log("closed");`);
    expect(outcome).toEqual({ code: 0, stdout: "ENGINE\nclosed\n", stderr: "" });
  });

  test("lives until the runs that it asked for are done", async () => {
    const outcome = await script(`const engine = await limbeck.wasmEngine({ threads: 2 });${use}
      for (let i = 0; i < 100; i++) run().then(() => i === 99 && console.log("all"));`);
    expect(outcome).toEqual({ code: 0, stdout: "all\n", stderr: "" });
  });

  test("loses the threads of engines that nothing refers to any more, and keeps those in use", async () => {
    const outcome = await script(`import { readdirSync } from "node:fs";
      const threads = () => readdirSync("/proc/self/task").length;
      const open = async () => {
        const engine = await limbeck.wasmEngine({ threads: 2 });${use}
        await run();
        return run;
      };
      const kept = await open();
      const before = threads();
      const held = [];
      for (let i = 0; i < 5; i++) held.push(await open());
      console.log(threads() - before);
      held.length = 0;
      for (const end = Date.now() + 10_000; threads() > before && Date.now() < end;) {
        globalThis.gc();
        await new Promise((later) => setTimeout(later, 20));
      }
      console.log(threads() - before, (await kept()).y[0]);`);
    expect(outcome).toEqual({ code: 0, stdout: "10\n0 1\n", stderr: "" });
  });

  test("holds nothing of 30 engines that it opened and closed", async () => {
    const outcome = await script(`import { readdirSync } from "node:fs";
      const held = () => {
        globalThis.gc();
        const [files, threads] = ["fd", "task"].map((kind) => readdirSync("/proc/self/" + kind).length);
        return { files, threads, mebibytes: process.memoryUsage.rss() / 2 ** 20 };
      };
      const open = async () => {
        const engine = await limbeck.wasmEngine({ threads: 1 });${use}
        await engine.write(limbeck.state("s", [2 ** 20]), new Float32Array(2 ** 20).fill(1));
        await run();
        await engine.close();
        return engine;
      };
      const engines = [];
      for (let i = 0; i < 10; i++) engines.push(await open());
      const before = held();
      for (let i = 0; i < 30; i++) engines.push(await open());
      const after = held();
      console.log(after.files - before.files, after.threads - before.threads, after.mebibytes - before.mebibytes < 40);
      if (after.mebibytes - before.mebibytes >= 40) console.log(before, after);`);
    expect(outcome).toEqual({ code: 0, stdout: "0 0 true\n", stderr: "" });
  }, 180_000);
});

/** Limits to processes do not bind the superuser: another user, whom nothing else runs as. */
const limited = (threads: number): string[] =>
  `setpriv --reuid 54321 --regid 54321 --clear-groups prlimit --nproc=${threads}`.split(" ");
const canLimit = spawnSync("setpriv", [...limited(100).slice(1), "true"]).status === 0;
const unless = canLimit ? "" : " (skipped: only the superuser can become a user of few processes)";

describe.skipIf(!canLimit)(`where the system allows few threads${unless}`, () => {
  const open = `const engine = await limbeck.wasmEngine({ threads: 64 });
    const x = limbeck.input("x", [64]);
    const program = await engine.compile({ outputs: { y: limbeck.add(x, 1) }, updates: [] });
    console.log(engine.description, (await program.run({ x: new Float32Array(64) })).y[0]);`;

  test("an engine goes on with fewer than it was asked for, and says so", async () => {
    const outcome = await script(open, limited(30));
    expect(outcome).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^wasm: \d+ threads \(asked for 64, the system refused more\).* 1\n$/),
      stderr: "",
    });
  });

  test("an engine that is given none ends in an error that says what to do, and the process ends", async () => {
    // Room for Node itself, and for what it needs to read files.
    const busy = `import { Worker } from "node:worker_threads";
      try {
        for (;;) new Worker("setInterval(() => undefined, 1000)", { eval: true }).unref();
      } catch { }
      await limbeck.wasmEngine({ threads: 2 }).catch(({ code, message }) => console.log(code, message));`;
    const outcome = await script(busy, limited(30));
    expect(outcome).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ENGINE .*EAGAIN.*ulimit -u/),
      stderr: "",
    });
  });
});
