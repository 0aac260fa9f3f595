/** @file A pass that touches more buffers than a dispatch may have, cut into several. */
import type { Tensor } from "../../../tensor/tensor.ts";
import type { ElementwisePass } from "../../compiler/lowering.ts";
import { buffersOf, passKernel, type Pass } from "./elementwise.ts";
import type { Buffer, Kernel } from "./kernel.ts";

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
  return parts.map((part, i) => {
    const readLater = new Set(parts.slice(i + 1).flatMap((later) => later.flatMap((node) => node.inputs.map(origin))));
    const kept = part.filter((node) => pass.stored.has(node) || readLater.has(node));
    return passKernel([{ ...pass, nodes: part, stored: new Map(kept.map((node) => [node, bufferOf(node)])) }]);
  });
}
