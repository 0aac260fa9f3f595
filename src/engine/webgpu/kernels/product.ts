/**
 * @file The product core: C[m, n] = Σ_k A[m, k]·B[k, n], blocked twice. A workgroup brings a tile of both operands into its own
 * memory, and each invocation keeps a block of results in registers. What A and B are is the operands' readers' business, so that
 * a matrix product and each pass of a convolution is this one loop. Sums are in the order of k, whatever the device.
 */
import { finished, readsOf, type Epilogue } from "./epilogue.ts";
import { shader, spread, type Buffer, type Kernel, type Names } from "./kernel.ts";
import { tileFor } from "./tile.ts";

/** How four neighbours of an operand are read. */
export interface Operand {
  readonly buffer: Buffer;
  /** Along which axis they are neighbours in memory: the sum's, or the operand's other one. */
  readonly along: "terms" | "own";
  /**
   * Statements of a function of `z` (the workgroup's product or part), `own` and `k` (u32), which return a vec4f: the elements from (own, k)
   * on along that axis, zeros outside of the operand. `name` is the buffer's.
   */
  read(name: string): string;
}

export interface Product {
  readonly label: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly y: Buffer;
  readonly epilogue: Epilogue;
  /** Products of one size, one behind the other in `y`. */
  readonly batch?: number;
  /** Or one product's sums in so many parts, one behind the other in `y`. */
  readonly parts?: number;
}

export function product({ label, m, n, k, a, b, y, epilogue, batch = 1, parts = 1 }: Product): Kernel {
  const tile = tileFor(m, n);
  const across = tile.columns / tile.ownColumns;
  const threads = (tile.rows / tile.ownRows) * across;
  const termsOfPart = Math.ceil(Math.ceil(k / tile.terms) / parts) * tile.terms;
  const [down, over] = [Math.ceil(m / tile.rows), Math.ceil(n / tile.columns)];
  const count = down * over * batch * parts;
  const workgroups = spread(count);
  const vector = `vec${tile.ownColumns}f`;
  const rows = range(tile.ownRows);
  const columns = range(tile.ownColumns);
  const store = rows.flatMap((r) => columns.map((c) => `  store(group.z, row + ${r}u, column + ${c}u, s${r}[${c}]);`));
  return shader({
    label,
    reads: { a: a.buffer, b: b.buffer, ...readsOf(epilogue) },
    writes: { y },
    workgroups,
    code: (names) => `fn readA(z: u32, own: u32, k: u32) -> vec4f {
${a.read(names.a)}
}
fn readB(z: u32, own: u32, k: u32) -> vec4f {
${b.read(names.b)}
}
${storeFunction(names, m, n, epilogue)}
var<workgroup> tileA: array<f32, ${tile.terms * tile.rows}>;
var<workgroup> tileB: array<f32, ${tile.terms * tile.columns}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let number = id.y * ${workgroups[0]}u + id.x;
  if (number >= ${count}u) { return; }
  let group = vec3u(number % ${down}u, (number / ${down}u) % ${over}u, number / ${down * over}u);
  let firstRow = group.x * ${tile.rows}u;
  let firstColumn = group.y * ${tile.columns}u;
  let ownRow = (local / ${across}u) * ${tile.ownRows}u;
  let ownColumn = (local % ${across}u) * ${tile.ownColumns}u;
${rows.map((r) => `  var s${r} = ${vector}();`).join("\n")}
  let start = ${parts > 1 ? `group.z * ${termsOfPart}u` : "0u"};
  for (var k = start; k < min(start + ${termsOfPart}u, ${k}u); k += ${tile.terms}u) {
${bring("A", a, tile.rows, tile.terms, threads)}
${bring("B", b, tile.columns, tile.terms, threads)}
    workgroupBarrier();
    for (var t = 0u; t < ${tile.terms}u; t++) {
      let v = ${vector}(${columns.map((c) => `tileB[t * ${tile.columns}u + ownColumn + ${c}u]`).join(", ")});
${rows.map((r) => `      s${r} = fma(${vector}(tileA[t * ${tile.rows}u + ownRow + ${r}u]), v, s${r});`).join("\n")}
    }
    workgroupBarrier();
  }
  let row = firstRow + ownRow;
  let column = firstColumn + ownColumn;
${store.join("\n")}
}`,
  });
}

/** Stores an element, if the result has it. */
function storeFunction(
  names: Names<"y" | "bias" | "added" | "positive">,
  m: number,
  n: number,
  epilogue: Epilogue,
): string {
  return `fn store(z: u32, row: u32, column: u32, value: f32) {
  if (row >= ${m}u || column >= ${n}u) { return; }
  let at = (z * ${m}u + row) * ${n}u + column;
  ${names.y}[at] = ${finished(names, epilogue, { value: "value", at: "at", column: "column" })};
}`;
}

/** Brings a tile of an operand into the workgroup's memory, terms outermost: four neighbours by each invocation at a time. */
function bring(name: "A" | "B", { along }: Operand, size: number, terms: number, threads: number): string {
  const fours = (size * terms) / 4;
  const first = name === "A" ? "firstRow" : "firstColumn";
  const [own, term] =
    along === "terms"
      ? [`(place / ${terms / 4}u)`, `((place % ${terms / 4}u) * 4u)`]
      : [`((place % ${size / 4}u) * 4u)`, `(place / ${size / 4}u)`];
  const step = along === "terms" ? size : 1;
  const keep = range(4).map((i) => `      tile${name}[${term} * ${size}u + ${own} + ${i * step}u] = four[${i}];`);
  return `    for (var place = local; place < ${fours}u; place += ${threads}u) {
      let four = read${name}(group.z, ${first} + ${own}, k + ${term});
${keep.join("\n")}
    }`;
}

export function range(count: number): number[] {
  return [...Array(count).keys()];
}

/**
 * A matrix in memory as an operand: `own`×`terms` numbers, or with `transposed` `terms`×`own`, row-major; `batch`: one behind the other, product z of the z-th.
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
