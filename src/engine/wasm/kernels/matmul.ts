/** @file Matrix products, one or a batch: rows of A in blocks against packed panels of B. */
import type { MatmulShape } from "../../compiler/sizes.ts";
import { address, i32, int, seq, set, when, type Code } from "../emit/code.ts";
import { eachItem, type Buffer, type Kernel } from "./kernel.ts";
import { inPanel, packPanels, panelBytes } from "./panels.ts";
import { epilogueOf, finishReads, strip, type Finish } from "./product.ts";
import type { TileShape } from "./tile.ts";

/** Rows of A that meet a panel at a time. */
const blockRows = 48;

/** Multiply-adds of a task at least, if there are more blocks than threads could want. */
const taskTerms = 200_000;
const manyBlocks = 64;

/** Vectors of a panel for at most so many rows: the sums that a multiplier works at side by side, since each waits for its last term. */
const fewRows = 2;
const fewRowsVectors = 8;

/** Columns of a panel: a tile's, or more where rows are few. A row times 1024×256 takes 12 µs so instead of 16. */
function panelWidth({ vectors }: TileShape, rows: number, columns: number): number {
  if (rows > fewRows) return 4 * vectors;
  return 4 * Math.max(vectors, Math.min(fewRowsVectors, vectors * Math.ceil(columns / (4 * vectors))));
}

/** y = op(A)·op(B), and what follows it. */
interface MatrixProduct {
  readonly tile: TileShape;
  readonly shape: MatmulShape;
  readonly a: Buffer;
  readonly b: Buffer;
  readonly y: Buffer;
  readonly epilogue: Finish;
  /** What it is shown as, if not as a product. */
  readonly label?: string;
}

/** op(A)·op(B) + bias, then ReLU or its gradient's mask. */
export function matmul({ tile, shape, a, b, y, epilogue, label }: MatrixProduct): Kernel[] {
  const { batch, m, k, n, transposeA, transposeB } = shape;
  const width = panelWidth(tile, m, n);
  const { panels, kernel: pack } = packPanels(
    "B",
    {
      buffer: b,
      k: [{ count: k, step: transposeB ? 4 : n * 4 }],
      n,
      nStep: transposeB ? k * 4 : 4,
      groups: batch,
      groupStep: k * n * 4,
    },
    width,
  );
  const panelCount = Math.ceil(n / width);
  const rowBlocks = Math.ceil(m / blockRows);
  const aRow = transposeA ? 4 : k * 4;
  const items = batch * panelCount * rowBlocks;
  const perTask = Math.floor(taskTerms / (Math.min(m, blockRows) * k * Math.min(n, width)));
  const chunk = Math.max(1, Math.min(perTask, Math.floor(items / manyBlocks)));
  const product = eachItem(
    {
      label: label ?? `matmul ${batch === 1 ? "" : `${batch}×`}${m}×${k}·${k}×${n}`,
      reads: [a, panels.buffer, ...finishReads(epilogue)],
      writes: [y],
      count: items,
      chunk,
      flops: 2 * batch * m * k * n,
    },
    (f, item) => {
      const [matrix, panel, rowBlock, aAt, bAt, offset, out] = f.locals("i32", 7);
      const { epilogue: finished, place } = epilogueOf(f, epilogue);
      const inMatrix = address([rowBlock, blockRows * n * 4], [panel, width * 4]);
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
          epilogue: finished,
        });
      const lastRows = m - (rowBlocks - 1) * blockRows;
      const byRows = (columns: number): Code =>
        rowBlocks === 1 || lastRows === blockRows
          ? rows(rowBlocks === 1 ? m : blockRows, columns)
          : when(i32.eq(rowBlock, rowBlocks - 1), rows(lastRows, columns), rows(blockRows, columns));
      return [
        // Items: the panels of a block of rows, which stays cached meanwhile, the blocks of a matrix, the matrices.
        set(panel, i32.remUnsigned(item, panelCount)),
        set(rowBlock, i32.divUnsigned(item, panelCount)),
        set(bAt, panel),
        batch === 1
          ? set(aAt, int(a.address))
          : seq(
              set(matrix, i32.divUnsigned(rowBlock, rowBlocks)),
              set(rowBlock, i32.remUnsigned(rowBlock, rowBlocks)),
              set(aAt, address([matrix, m * k * 4], a.address)),
              set(bAt, address([matrix, panelCount], bAt)),
            ),
        set(aAt, address(aAt, [rowBlock, blockRows * aRow])),
        set(bAt, address([bAt, panelBytes(panels)], panels.buffer.address)),
        set(offset, batch === 1 ? inMatrix : address([matrix, m * n * 4], inMatrix)),
        set(out, i32.add(offset, y.address)),
        place(offset, i32.mul(panel, width * 4)),
        inPanel(panel, panels, byRows),
      ];
    },
  );
  return [pack, product];
}
