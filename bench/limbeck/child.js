/**
 * @file Limbeck in a process of its own: `node child.js PACKAGE WORK THREADS`, asked as bench/pytorch/steps.py is.
 * NOTE: plain JavaScript on the compiled package, because Node 20 runs no TypeScript.
 */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

const [folder, work, threads] = process.argv.slice(2);
const { limbeckContender } = await import(`${folder}/dist/benchmark/index.js`);
const contender = await limbeckContender(JSON.parse(work), { threads: Number(threads) });
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

say({ version: process.version });
for await (const line of createInterface({ input: process.stdin })) {
  const { steps, peak } = JSON.parse(line);
  if (peak) say({ peakBytes: await peakBytes() });
  else say({ milliseconds: await contender.time(steps) });
}
await contender.close();

/** NOTE: as Linux has it of this process; `resourceUsage` also counts what the process that started this one held. */
async function peakBytes() {
  const status = await readFile("/proc/self/status", "utf8");
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]);
}
