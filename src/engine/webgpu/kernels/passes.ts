/** @file A pass that touches more buffers than a dispatch may have, cut into several. */
import { isState, type Tensor } from "../../../tensor/tensor.ts";
import { whole } from "../../compiler/box.ts";
import type { ElementwisePass } from "../../compiler/lowering.ts";
import { buffersOf, passKernel, type Pass } from "./elementwise.ts";
import { copyBoxes } from "./copy.ts";
import { Buffer, type Kernel } from "./kernel.ts";

/** One pass, or as many as `most` storage buffers a dispatch ask for; what a later one reads is stored by an earlier one. */
export function elementwisePasses(given: ElementwisePass<Buffer>, most: number): Kernel[] {
  const pass: Pass = { ...given, recomputed: new Map() };
  const { nodes, origin, bufferOf } = pass;
  if (buffersOf([pass]) <= most) return [passKernel([pass])];
  const parts: Tensor[][] = [];
  for (const node of nodes) {
    const longer = [...(parts.at(-1) ?? []), node];
    // As if everything had to be stored.
    const stored = new Map(longer.map((each) => [each, bufferOf(each)]));
    if (parts.length > 0 && buffersOf([{ ...pass, nodes: longer, stored }]) <= most) parts[parts.length - 1] = longer;
    else parts.push([node]);
  }
  // A state's new value waits beside it while later parts read the old one.
  const beside = new Map<Tensor, Buffer>();
  const now = (tensor: Tensor): Buffer => beside.get(origin(tensor)) ?? bufferOf(tensor);
  const kernels = parts.map((part, i) => {
    const readLater = new Set(parts.slice(i + 1).flatMap((later) => later.flatMap((node) => node.inputs.map(origin))));
    const statesReadLater = new Set([...readLater].filter(isState).map(bufferOf));
    const stored = new Map<Tensor, Buffer>();
    for (const node of part) {
      const known = pass.stored.get(node);
      if (!known && !readLater.has(node)) continue;
      if (known && statesReadLater.has(known)) beside.set(node, new Buffer(`new ${known.label}`, known.elements));
      stored.set(node, now(node));
    }
    return passKernel([{ ...pass, nodes: part, stored, bufferOf: now }]);
  });
  const moved = [...beside].flatMap(([node, buffer]) =>
    copyBoxes("update state", bufferOf(node), [whole(buffer, node.size)]),
  );
  return [...kernels, ...moved];
}
