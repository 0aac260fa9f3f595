/** @file Threads that have nothing to do cost no processor time: between runs, and where one has a long task and the others wait for it. */
import { expect, test } from "vitest";
import { script } from "./script.ts";

/** Milliseconds of wall and of processor time that `act` takes, in a process of its own, once a program is warm. */
async function timesOf(
  threads: number,
  graph: string,
  act: string,
): Promise<{ readonly wall: number; readonly cpu: number }> {
  const { stdout, stderr } = await script(`
    const { logSoftmax, input, wasmEngine } = limbeck;
    const engine = await wasmEngine({ threads: ${threads} });
    ${graph}
    const program = await engine.compile({ outputs: { y }, updates: [] });
    const inputs = { x: new Float32Array(x.size) };
    const run = () => program.run(inputs);
    const rest = (milliseconds) => new Promise((end) => setTimeout(end, milliseconds));
    for (let i = 0; i < 2; i++) await run();
    await rest(300);
    const [cpu, began] = [process.cpuUsage(), performance.now()];
    ${act}
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ wall: performance.now() - began, cpu: (user + system) / 1000 }));
    await engine.close();`);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** A chain of levels that take no time. */
const short = `const x = input("x", [3]);
  let y = x;
  for (let i = 0; i < 10; i++) y = logSoftmax(y);`;

test("an idle engine", async () => {
  const { wall, cpu } = await timesOf(3, short, "await rest(1000);");
  expect(cpu).toBeLessThan(0.1 * wall);
});

test("a slow loader of data", async () => {
  const { wall, cpu } = await timesOf(3, short, "for (let i = 0; i < 10; i++) { await run(); await rest(100); }");
  expect(cpu).toBeLessThan(0.2 * wall);
});

test("threads that wait for another's long task", async () => {
  const long = `const x = input("x", [2 ** 23]);
    const y = logSoftmax(x);`;
  const [alone, beside] = [await timesOf(1, long, "await run();"), await timesOf(3, long, "await run();")];
  expect(alone.cpu).toBeGreaterThan(50);
  expect(beside.cpu).toBeLessThan(1.5 * alone.cpu);
});
