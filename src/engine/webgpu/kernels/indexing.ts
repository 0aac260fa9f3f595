/** @file Rows and elements by their number. An index that there is no row or element of gives NaN, and takes no gradient. */
import type { GatherShape, RowsShape } from "../../compiler/sizes.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";

/** y[k] = x[indices[k]] */
export function indexSelect({ rows, columns, count }: RowsShape, x: Buffer, indices: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `indexSelect ${count} of ${rows}×${columns}`,
    reads: { x, indices },
    writes: { y },
    count: count * columns,
    body: (names) => `  let row = ${names.indices}[i / ${columns}u];
  let inside = row >= 0 && row < ${rows};
  ${names.y}[i] = select(nan_(), ${names.x}[u32(clamp(row, 0, ${rows - 1})) * ${columns}u + i % ${columns}u], inside);`,
  });
}

/** dx[indices[k]] += g[k], in the order of k: an invocation looks for all that is an element's. */
export function indexSelectGrad({ rows, columns, count }: RowsShape, g: Buffer, indices: Buffer, dx: Buffer): Kernel {
  return kernel({
    label: `indexSelectGrad ${count} of ${rows}×${columns}`,
    reads: { g, indices },
    writes: { dx },
    count: rows * columns,
    body: (names) => `  let row = i32(i / ${columns}u);
  var total = 0.0;
  for (var k = 0u; k < ${count}u; k++) {
    if (${names.indices}[k] == row) { total += ${names.g}[k * ${columns}u + i % ${columns}u]; }
  }
  ${names.dx}[i] = total;`,
  });
}

/** y[indices[k]] = values[k], in the order of k: an invocation a column. */
export function indexCopy({ rows, columns, count }: RowsShape, indices: Buffer, values: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `indexCopy ${count} into ${rows}×${columns}`,
    reads: { indices, values },
    writes: { y },
    count: columns,
    body: (names) => `  for (var k = 0u; k < ${count}u; k++) {
    let row = ${names.indices}[k];
    if (row >= 0 && row < ${rows}) { ${names.y}[u32(row) * ${columns}u + i] = ${names.values}[k * ${columns}u + i]; }
  }`,
  });
}

/** y[n, k] = x[n, index[n, k]] */
export function gather({ rows, columns, each }: GatherShape, x: Buffer, index: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `gather ${rows}×${each} of ${columns}`,
    reads: { x, index },
    writes: { y },
    count: rows * each,
    body: (names) => `  let column = ${names.index}[i];
  let inside = column >= 0 && column < ${columns};
  ${names.y}[i] = select(nan_(), ${names.x}[(i / ${each}u) * ${columns}u + u32(clamp(column, 0, ${columns - 1}))], inside);`,
  });
}

/** dx[n, index[n, k]] += g[n, k] from zeros on, in the order of k */
export function gatherGrad({ rows, columns, each }: GatherShape, g: Buffer, index: Buffer, dx: Buffer): Kernel {
  return kernel({
    label: `gatherGrad ${rows}×${each} of ${columns}`,
    reads: { g, index },
    writes: { dx },
    count: rows * columns,
    body: (names) => `  let first = (i / ${columns}u) * ${each}u;
  let column = i32(i % ${columns}u);
  var total = 0.0;
  for (var at = first; at < first + ${each}u; at++) {
    if (${names.index}[at] == column) { total += ${names.g}[at]; }
  }
  ${names.dx}[i] = total;`,
  });
}
