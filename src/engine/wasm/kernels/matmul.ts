/** @file Matrix products: rows of A in blocks against packed panels of B. */
import { get, i32, seq, set, when, type Code } from "../emit/code.ts";
import { epilogueOf, finishReads, type Finish } from "./finish.ts";
import type { Buffer, Kernel } from "./kernel.ts";
import { packPanels, panelBytes } from "./panels.ts";
import { strip } from "./product.ts";
import type { TileShape } from "./tile.ts";

/** C [m, n] = op(A)·op(B). */
export interface MatmulShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is stored [k, m]. */
  readonly transposeA: boolean;
  /** B is stored [n, k]. */
  readonly transposeB: boolean;
}

/** Rows of A in one task. */
const taskRows = 48;

/** op(A)·op(B) + bias, then ReLU or its gradient's mask. */
export function matmul(
  tile: TileShape,
  shape: MatmulShape,
  a: Buffer,
  b: Buffer,
  y: Buffer,
  epilogue: Finish,
): Kernel[] {
  const { m, k, n, transposeA, transposeB } = shape;
  const width = tile.vectors * 4;
  const { panels, kernel: pack } = packPanels(
    "B",
    {
      buffer: b,
      offset: 0,
      k: [{ count: k, step: transposeB ? 4 : n * 4 }],
      n,
      nStep: transposeB ? k * 4 : 4,
      groups: 1,
      groupStep: 0,
    },
    width,
  );
  const panelCount = Math.ceil(n / width);
  const rowTasks = Math.ceil(m / taskRows);
  const aRow = transposeA ? 4 : k * 4;
  const product: Kernel = {
    label: `matmul ${m}×${k}·${k}×${n}`,
    reads: [a, panels.buffer, ...finishReads(epilogue)],
    writes: [y],
    tasks: panelCount * rowTasks,
    scratch: 0,
    flops: 2 * m * k * n,
    body: (f, task) => {
      const [panel, rowTask, aAt, bAt, out, bias, positive] = f.locals("i32", 7);
      const offset = i32.add(i32.mul(get(rowTask), taskRows * n * 4), i32.mul(get(panel), width * 4));
      const rows = (count: number, columns: number): Code =>
        strip(f, tile, {
          a: aAt,
          b: bAt,
          c: out,
          rows: count,
          columns,
          aRow,
          cRow: n * 4,
          sum: [{ count: k, aStep: transposeA ? m * 4 : 4, bStep: width * 4 }],
          epilogue: epilogueOf(epilogue, bias, positive),
        });
      const lastRows = m - (rowTasks - 1) * taskRows;
      const rest = n % width;
      const byRows = (columns: number): Code =>
        rowTasks === 1 || lastRows === taskRows
          ? rows(rowTasks === 1 ? m : taskRows, columns)
          : when(i32.eq(get(rowTask), rowTasks - 1), rows(lastRows, columns), rows(taskRows, columns));
      const byColumns =
        rest === 0
          ? byRows(width)
          : panelCount === 1
            ? byRows(rest)
            : when(i32.eq(get(panel), panelCount - 1), byRows(rest), byRows(width));
      return seq(
        set(panel, i32.divUnsigned(get(task), rowTasks)),
        set(rowTask, i32.remUnsigned(get(task), rowTasks)),
        set(aAt, i32.add(i32.mul(get(rowTask), taskRows * aRow), a.address)),
        set(bAt, i32.add(i32.mul(get(panel), panelBytes(panels)), panels.buffer.address)),
        set(out, i32.add(offset, y.address)),
        epilogue.bias ? set(bias, i32.add(i32.mul(get(panel), width * 4), epilogue.bias.address)) : [],
        epilogue.positive ? set(positive, i32.add(offset, epilogue.positive.address)) : [],
        byColumns,
      );
    },
  };
  return [pack, product];
}
