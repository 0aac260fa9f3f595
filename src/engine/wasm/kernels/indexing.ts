/** @file Elements by their indices: rows selected, added up, copied into place; entries of each row. An index outside touches no memory. */
import type { GatherShape, RowsShape } from "../../compiler/sizes.ts";
import {
  address,
  f32,
  f32x4,
  forRange,
  i32,
  repeat,
  seq,
  set,
  v128,
  when,
  type Body,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { copyFloats, fillFloats, zeroFloats } from "./floats.ts";
import { eachItem, type Buffer, type Kernel } from "./kernel.ts";
import { inPanel } from "./panels.ts";

/** y[k] = x[index[k]], NaN for an index outside. */
export function indexSelect({ rows, columns, count }: RowsShape, x: Buffer, indices: Buffer, y: Buffer): Kernel {
  const chunk = Math.max(1, Math.floor(8192 / columns));
  const label = `indexSelect ${count} of ${rows}×${columns}`;
  return eachItem({ label, reads: [x, indices], writes: [y], count, chunk }, (f, k) => {
    const [row, from, to] = f.locals("i32", 3);
    return [
      set(row, i32.load(i32.mul(k, 4), indices.address)),
      set(from, address([row, columns * 4], x.address)),
      set(to, address([k, columns * 4], y.address)),
      when(i32.ltUnsigned(row, rows), copyFloats(f, from, to, columns), fillFloats(f, to, columns, Number.NaN)),
    ];
  });
}

/** dx[m] = the sum of the g[k] with index[k] = m, in the order of k. */
export function indexSelectGrad(shape: RowsShape, g: Buffer, indices: Buffer, dx: Buffer): Kernel {
  const { rows, columns, count } = shape;
  return byColumns(`indexSelectGrad ${count} to ${rows}×${columns}`, columns, [g, indices], dx, (f, column, width) => {
    const [m, to] = f.locals("i32", 2);
    const clear = repeat(m, rows, [set(to, address([m, columns * 4], dx.address, column)), zeroFloats(f, to, width)]);
    const add = eachIndex(f, shape, { column, indices, given: g, result: dx }, (from, to) =>
      inVectors(width, (offset, isVector) =>
        isVector
          ? v128.store(to, f32x4.add(v128.load(to, offset), v128.load(from, offset)), offset)
          : f32.store(to, f32.add(f32.load(to, offset), f32.load(from, offset)), offset),
      ),
    );
    return seq(clear, add);
  });
}

/** y[index[k]] = values[k] in the order of k; y's other rows stay as they are. */
export function indexCopy(shape: RowsShape, indices: Buffer, values: Buffer, y: Buffer): Kernel {
  const { rows, columns, count } = shape;
  return byColumns(`indexCopy ${count} into ${rows}×${columns}`, columns, [indices, values], y, (f, column, width) =>
    eachIndex(f, shape, { column, indices, given: values, result: y }, (from, to) => copyFloats(f, from, to, width)),
  );
}

/** y[n, k] = x[n, index[n, k]], NaN for an index outside. */
export function gather(shape: GatherShape, x: Buffer, index: Buffer, y: Buffer): Kernel {
  const { rows, columns, each } = shape;
  const memory = { label: `gather ${each} of ${rows}×${columns}`, reads: [x, index], writes: [y] };
  return eachGathered(shape, memory, (f, row, at) => {
    const column = f.local("i32");
    const from = i32.mul(address([row, columns], column), 4);
    return [
      set(column, i32.load(at, index.address)),
      when(
        i32.ltUnsigned(column, columns),
        f32.store(at, f32.load(from, x.address), y.address),
        f32.store(at, f32.const(Number.NaN), y.address),
      ),
    ];
  });
}

/** dx[n, index[n, k]] += g[n, k] from zeros on, in the order of k. */
export function gatherGrad(shape: GatherShape, g: Buffer, index: Buffer, dx: Buffer): Kernel {
  const { rows, columns, each } = shape;
  const memory = { label: `gatherGrad ${each} of ${rows}×${columns}`, reads: [g, index], writes: [dx] };
  return eachGathered(
    shape,
    memory,
    (f, row, at) => {
      const [column, to] = f.locals("i32", 2);
      const given = f32.load(at, g.address);
      const sum = each === 1 ? given : f32.add(f32.load(to, dx.address), given);
      return [
        set(column, i32.load(at, index.address)),
        when(i32.ltUnsigned(column, columns), [
          set(to, i32.mul(address([row, columns], column), 4)),
          f32.store(to, sum, dx.address),
        ]),
      ];
    },
    (f, row) => {
      const start = f.local("i32");
      return seq(set(start, address([row, columns * 4], dx.address)), zeroFloats(f, start, columns));
    },
  );
}

/** Columns of a task: a line of the cache, so that no two threads write to one. */
const taskColumns = 16;

/** A task for each few columns, which goes through all rows in order. `column` is the first one's place in a row, in bytes. */
function byColumns(
  label: string,
  columns: number,
  reads: readonly Buffer[],
  result: Buffer,
  body: (f: FunctionBuilder, column: Local, width: number) => Code,
): Kernel {
  return {
    label,
    reads,
    writes: [result],
    tasks: Math.ceil(columns / taskColumns),
    body: (f, task) => {
      const column = f.local("i32");
      return seq(
        set(column, i32.mul(task, taskColumns * 4)),
        inPanel(task, { n: columns, width: taskColumns }, (width) => body(f, column, width)),
      );
    },
  };
}

/** For each k whose index is a row: addresses of the columns of row k of `given`, and of the row that the index names of `result`. */
function eachIndex(
  f: FunctionBuilder,
  { rows, columns, count }: RowsShape,
  {
    column,
    indices,
    given,
    result,
  }: { readonly column: Local } & Readonly<Record<"indices" | "given" | "result", Buffer>>,
  body: (from: Local, to: Local) => Code,
): Code {
  const [k, row, from, to] = f.locals("i32", 4);
  return repeat(k, count, [
    set(row, i32.load(i32.mul(k, 4), indices.address)),
    when(i32.ltUnsigned(row, rows), [
      set(from, address([k, columns * 4], given.address, column)),
      set(to, address([row, columns * 4], result.address, column)),
      body(from, to),
    ]),
  ]);
}

/** Code for each vector of `count` floats, then for each float that is left; offsets in bytes. */
function inVectors(count: number, one: (offset: number, isVector: boolean) => Code): Code {
  const parts: Code[] = [];
  for (let done = 0; done < count;) {
    const isVector = done + 4 <= count;
    parts.push(one(done * 4, isVector));
    done += isVector ? 4 : 1;
  }
  return seq(...parts);
}

/** A kernel that visits each named entry, `at` bytes from an index's first; before a row's, `begin`. */
function eachGathered(
  { rows, columns, each }: GatherShape,
  memory: Pick<Kernel, "label" | "reads" | "writes">,
  visit: (f: FunctionBuilder, row: Local, at: Local) => Body,
  begin: (f: FunctionBuilder, row: Local) => Code = () => [],
): Kernel {
  const chunk = Math.max(1, Math.floor(16384 / Math.max(columns, each)));
  return eachItem({ ...memory, count: rows, chunk }, (f, row) => {
    const [at, end] = f.locals("i32", 2);
    const entries = forRange(at, at, end, 4, visit(f, row, at));
    return [begin(f, row), set(at, i32.mul(row, each * 4)), set(end, i32.add(at, each * 4)), entries];
  });
}
