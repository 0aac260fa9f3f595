/** @file Matrix products, of a batch or one. */
import type { MatmulShape } from "../../compiler/sizes.ts";
import type { Epilogue } from "./epilogue.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { matrix, product } from "./product.ts";
import { addParts } from "./reduce.ts";
import { partsOf } from "./tile.ts";

/** y = op(A)·op(B). A long sum for a small result is cut into parts, where the result is stored as it is. */
export function matmul(
  { batch, m, k, n, transposeA, transposeB }: MatmulShape,
  a: Buffer,
  b: Buffer,
  y: Buffer,
  epilogue: Epilogue,
): Kernel[] {
  const isPlain = !epilogue.bias && !epilogue.relu && !epilogue.positive;
  const parts = batch === 1 && isPlain ? partsOf(m, n, k) : 1;
  const to = parts === 1 ? y : new Buffer("parts of sums", parts * m * n);
  const isBatch = batch > 1;
  const multiplied = product({
    label: `matmul ${isBatch ? `${batch}×` : ""}${m}×${k}×${n}`,
    m,
    n,
    k,
    a: matrix(a, { own: m, terms: k, transposed: transposeA, batch: isBatch }),
    b: matrix(b, { own: n, terms: k, transposed: !transposeB, batch: isBatch }),
    y: to,
    epilogue,
    batch,
    parts,
  });
  return [multiplied, ...addParts(parts, m * n, to, y)];
}
