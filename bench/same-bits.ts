/**
 * @file `node bench/same-bits.ts OTHER [--only TEXT]`: whether two checkouts train to the same bits: the tutorial's five runs, every method
 * and every feature of training, briefly, on drawn figures. Prints each training that differs; exits with 1 if any does.
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { fileURLToPath } from "node:url";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" } },
});
const [other] = positionals;
if (other === undefined) throw new Error("usage: node bench/same-bits.ts OTHER [--only TEXT]");

/** What the trainings of a checkout end in, by name: a hash of the losses and the weights, or the error's code. */
async function endsOf(checkout: string): Promise<ReadonlyMap<string, string>> {
  const child = fileURLToPath(new URL("limbeck/bits.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [child, resolve(checkout), values.only], {
    maxBuffer: 2 ** 26,
  });
  return new Map(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t") as [string, string]),
  );
}

const [here, there] = [await endsOf(fileURLToPath(new URL("..", import.meta.url))), await endsOf(other)];
const names = new Set([...here.keys(), ...there.keys()]);
const different = [...names].filter((name) => here.get(name) !== there.get(name));
for (const name of different)
  console.log(`${name}: ${here.get(name) ?? "missing"} here, ${there.get(name) ?? "missing"} there`);
console.log(`${names.size - different.length} of ${names.size} trainings end in the same bits`);
process.exitCode = different.length === 0 && names.size > 0 ? 0 : 1;
