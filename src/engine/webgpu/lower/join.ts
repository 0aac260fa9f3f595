/** @file Updates of states, of many parameters in one dispatch: passes that touch nothing of each other's, as far as a dispatch's buffers go. */
import { buffersOf, passKernel, readsOf, writesOf, type Pass } from "../kernels/elementwise.ts";
import type { Buffer, Kernel } from "../kernels/kernel.ts";
import { passOf } from "./recompute.ts";

/** The same kernels, neighbours that update `states` joined into dispatches of at most `most` buffers. */
export function joinUpdates(kernels: readonly Kernel[], states: ReadonlySet<Buffer>, most: number): Kernel[] {
  const result: Kernel[] = [];
  let joined: Pass[] = [];
  const flush = (): void => {
    if (joined.length > 0) result.push(passKernel(joined));
    joined = [];
  };
  for (const kernel of kernels) {
    const pass = passOf(kernel);
    if (!pass || !writesOf(pass).every((buffer) => states.has(buffer))) {
      flush();
      result.push(kernel);
      continue;
    }
    if (!isApart(pass, joined) || buffersOf([...joined, pass]) > most) flush();
    joined.push(pass);
  }
  flush();
  return result;
}

/** Whether a pass reads and writes nothing that others write, and writes nothing that they read. */
function isApart(pass: Pass, others: readonly Pass[]): boolean {
  const [reads, writes] = [new Set(readsOf(pass)), new Set(writesOf(pass))];
  return others.every(
    (other) =>
      writesOf(other).every((buffer) => !reads.has(buffer) && !writes.has(buffer)) &&
      readsOf(other).every((buffer) => !writes.has(buffer)),
  );
}
