/** @file Small results that only larger passes read, and element by element, are computed again there: arithmetic is cheaper than a dispatch. */
import { sizeOf } from "../../../tensor/shape.ts";
import { buffersOf, passKernel, readsOf, writesOf, type Pass, type PassKernel } from "../kernels/elementwise.ts";
import type { Buffer, Kernel } from "../kernels/kernel.ts";

/** Elements, and operations on each, that are computed again. */
const mostElements = 16_384;
const mostNodes = 16;

/** The same kernels, with fewer dispatches of at most `most` buffers each. What is `wanted` is always stored. */
export function recompute(kernels: readonly Kernel[], wanted: ReadonlySet<Buffer>, most: number): Kernel[] {
  const result: (Kernel | null)[] = [...kernels];
  const readers = new Map<Buffer, number[]>();
  for (const [i, { reads }] of kernels.entries()) {
    for (const buffer of new Set(reads)) readers.set(buffer, [...(readers.get(buffer) ?? []), i]);
  }
  for (const [i, kernel] of kernels.entries()) {
    const pass = passOf(kernel);
    if (!pass || !isSmall(pass) || writesOf(pass).some((buffer) => wanted.has(buffer))) continue;
    const into = new Set(writesOf(pass).flatMap((buffer) => readers.get(buffer) ?? []));
    const current = passOf(result[i]);
    if (!current) continue;
    const longer = new Map<number, Pass>();
    for (const j of into) {
      const reader = passOf(result[j]);
      if (reader && sizeOf(reader.shape) > sizeOf(pass.shape) && isUnchanged(readsOf(current), kernels.slice(i, j + 1)))
        longer.set(j, withAgain(reader, current));
    }
    if (into.size === 0 || longer.size < into.size) continue;
    if ([...longer.values()].some((reader) => buffersOf([reader]) > most)) continue;
    for (const [j, reader] of longer) result[j] = passKernel([reader]);
    result[i] = null;
  }
  return result.filter((kernel) => kernel !== null);
}

/** The pass of a kernel that is one. */
export function passOf(kernel: Kernel | null | undefined): Pass | undefined {
  return kernel && isPassKernel(kernel) && kernel.passes.length === 1 ? kernel.passes[0] : undefined;
}

function isPassKernel(kernel: Kernel): kernel is PassKernel {
  return "passes" in kernel;
}

function isSmall({ shape, nodes }: Pass): boolean {
  return sizeOf(shape) <= mostElements && nodes.length <= mostNodes;
}

/** A reader that computes what `pass` gave. */
function withAgain(reader: Pass, pass: Pass): Pass {
  return { ...reader, recomputed: new Map([...reader.recomputed, ...writesOf(pass).map((b) => [b, pass] as const)]) };
}

function isUnchanged(buffers: readonly Buffer[], kernels: readonly Kernel[]): boolean {
  return !kernels.some(({ writes }) => writes.some((buffer) => buffers.includes(buffer)));
}
