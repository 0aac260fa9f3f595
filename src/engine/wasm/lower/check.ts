/** @file What must hold of every lowered graph, looked at apart from how it was made: a graph that would compute less than was asked is never run. */
import { formatShape } from "../../../tensor/shape.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import type { Buffer, Kernel } from "../kernels/kernel.ts";
import type { Partition } from "./units.ts";

/** Throws unless each node that computes something is in one unit, and each unit comes after those it reads. */
export function checkUnits(nodes: readonly Tensor[], { units, origin }: Partition): void {
  const asked = new Set(nodes);
  const computed = new Set<Tensor>();
  for (const unit of units) {
    for (const node of unit.nodes) {
      for (const x of node.inputs) {
        if (asked.has(origin(x)) && !computed.has(origin(x)))
          throw new Error(`${describe(node)} would be computed before ${describe(origin(x))}, which it reads`);
      }
      if (computed.has(node)) throw new Error(`${describe(node)} would be computed twice`);
      computed.add(node);
    }
  }
  for (const node of nodes) if (!computed.has(node)) throw new Error(`${describe(node)} would not be computed`);
}

/** Throws unless each kernel reads what is `given` or was written before, and all that is `wanted` is written in the end. */
export function checkKernels(
  kernels: readonly Kernel[],
  { given, wanted }: { readonly given: Iterable<Buffer>; readonly wanted: Iterable<Buffer> },
): void {
  const filled = new Set(given);
  const written = new Set<Buffer>();
  for (const kernel of kernels) {
    for (const buffer of kernel.reads)
      if (!filled.has(buffer)) throw new Error(`${kernel.label} would read ${buffer.label}, which nothing has written`);
    for (const buffer of kernel.writes) {
      filled.add(buffer);
      written.add(buffer);
    }
  }
  for (const buffer of wanted) if (!written.has(buffer)) throw new Error(`nothing would write ${buffer.label}`);
}

function describe({ op, shape }: Tensor): string {
  return `${op.name} ${formatShape(shape)}`;
}
