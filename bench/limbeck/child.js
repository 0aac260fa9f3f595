/**
 * @file Limbeck in a process of its own: `node child.js PACKAGE WORK THREADS`, asked as bench/pytorch/steps.py is.
 * NOTE: plain JavaScript on the compiled package, because Node 20 runs no TypeScript.
 */
import { createInterface } from "node:readline";

const [folder, work, threads] = process.argv.slice(2);
const { limbeckContender } = await import(`${folder}/dist/benchmark/index.js`);
const contender = await limbeckContender(JSON.parse(work), { threads: Number(threads) });
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

say({ version: process.version });
for await (const line of createInterface({ input: process.stdin })) {
  const { steps, peak } = JSON.parse(line);
  if (peak) say({ peakBytes: 1024 * process.resourceUsage().maxRSS });
  else say({ milliseconds: await contender.time(steps) });
}
await contender.close();
