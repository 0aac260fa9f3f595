/** @file A matrix in memory as an operand of the product core. */
import type { Buffer } from "./kernel.ts";
import { range, type Operand } from "./product.ts";

/**
 * `own`×`terms` numbers, or with `transposed` `terms`×`own`, row-major; `batch`: one behind the other, product z of the z-th.
 */
export function matrix(
  buffer: Buffer,
  {
    own,
    terms,
    transposed,
    batch = false,
  }: { readonly own: number; readonly terms: number; readonly transposed: boolean; readonly batch?: boolean },
): Operand {
  const [line, lines, along, length] = transposed ? ["k", terms, "own", own] : ["own", own, "k", terms];
  return {
    buffer,
    along: transposed ? "own" : "terms",
    read: (name) => `  var four = vec4f();
  if (${line} >= ${lines}u) { return four; }
  let at = ${batch ? `z * ${own * terms}u + ` : ""}${line} * ${length}u + ${along};
${range(4)
  .map((i) => `  if (${along} + ${i}u < ${length}u) { four[${i}] = ${name}[at + ${i}u]; }`)
  .join("\n")}
  return four;`,
  };
}
