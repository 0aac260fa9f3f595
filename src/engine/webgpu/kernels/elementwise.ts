/** @file Any number of element-by-element operations in one dispatch: read each operand once, keep what is between in registers. */
import { elementAt, valueAt } from "../../../elements.ts";
import { ops, type ForInputs, type OpName } from "../../../tensor/ops/index.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { isConstant, type Op, type Tensor } from "../../../tensor/tensor.ts";
import { elementLoops, joinLoops, type Loop } from "../../compiler/layout.ts";
import { computedNodes, operandsOf, type ElementwisePass } from "../../compiler/lowering.ts";
import { literal } from "./functions.ts";
import { kernel, kernelInTurn, type Buffer, type Kernel } from "./kernel.ts";

type Emit<Name extends OpName> = (...operands: ForInputs<Name, string>) => string;

/** Each operation's expression. Operands are names or numbers, cheap to repeat. */
const elementwise = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (x) => `-${x}`,
  sqrt: (x) => `sqrt(${x})`,
  abs: (x) => `abs(${x})`,
  exp: (x) => `exp_(${x})`,
  log: (x) => `log_(${x})`,
  relu: (x) => `rectified_(${x}, ${x})`,
  reluGrad: (g, y) => `rectified_(${g}, ${y})`,
  // Of NaN 0, as in PyTorch.
  sign: (x) => `select(select(0.0, 1.0, ${x} > 0.0) - select(0.0, 1.0, ${x} < 0.0), 0.0, isNaN_(${x}))`,
  round: (x) => `round(${x})`,
  equal: (a, b) => `select(select(0.0, 1.0, ${a} == ${b}), 0.0, isNaN_(${a}) || isNaN_(${b}))`,
  less: (a, b) => `select(select(0.0, 1.0, ${a} < ${b}), 0.0, isNaN_(${a}) || isNaN_(${b}))`,
  maximum: (a, b) => `maximum_(${a}, ${b})`,
  minimum: (a, b) => `minimum_(${a}, ${b})`,
  clamp: (x, low, high) => `minimum_(maximum_(${x}, ${low}), ${high})`,
  broadcastTo: (x) => x,
  // Not computed but read, from where its row begins.
  row: (x) => x,
} satisfies { readonly [Name in OpName]?: Emit<Name> };

export type ElementwiseName = keyof typeof elementwise;

type AnyEmit = (...operands: readonly string[]) => string;

const byOp: ReadonlyMap<Op<never>, AnyEmit> = new Map(
  Object.entries(elementwise).map(([name, emit]) => [ops[name as ElementwiseName], emit as AnyEmit]),
);

/** Whether an operation is computed element by element. */
export function isElementwise(op: Op<never>): boolean {
  return byOp.has(op);
}

/** A pass of this engine. */
export interface Pass extends ElementwisePass<Buffer> {
  /** Passes whose results are computed again where they are read, by the buffer that such a result would lie in. */
  readonly recomputed: ReadonlyMap<Buffer, Pass>;
}

/** A kernel of passes over elements, which says of what it was made. */
export interface PassKernel extends Kernel {
  readonly passes: readonly Pass[];
}

/** Several passes that touch nothing of each other's, in one dispatch, one pass's invocations behind the other's. */
export function passKernel(passes: readonly Pass[]): PassKernel {
  const reads = passes.flatMap(readsOf);
  const writes = passes.flatMap(writesOf);
  const named = (prefix: string, buffers: readonly Buffer[]): Record<string, Buffer> =>
    Object.fromEntries([...new Set(bindingsOf(passes, buffers))].map((buffer, i) => [`${prefix}${i}`, buffer]));
  const [read, written] = [named("x", reads), named("y", writes)];
  const bodies = (names: Readonly<Record<string, string>>): string[] => {
    const nameOf = new Map([...Object.entries(read), ...Object.entries(written)].map(([key, b]) => [b, names[key]]));
    const element: Element = (buffer, index) => {
      const { part } = buffer;
      if (part && !nameOf.has(buffer)) return `${valueAt(nameOf, part.whole)}[${part.offset}u + ${index}]`;
      return `${valueAt(nameOf, buffer)}[${index}]`;
    };
    return passes.map((pass) => statements(pass, element));
  };
  const label = labelOf(passes);
  const memory = { label, reads: read, writes: written };
  const [first] = passes;
  const kernelOfAll =
    first && passes.length === 1
      ? kernel({ ...memory, count: sizeOf(first.shape), body: (names) => bodies(names).join() })
      : kernelInTurn({ ...memory, counts: passes.map(({ shape }) => sizeOf(shape)), bodies });
  return { ...kernelOfAll, reads, writes, passes };
}

/** What is bound for these buffers: where there are several passes, the whole of which buffers are parts. */
function bindingsOf(passes: readonly Pass[], buffers: readonly Buffer[]): Buffer[] {
  return passes.length === 1 ? [...buffers] : buffers.map((buffer) => buffer.part?.whole ?? buffer);
}

/** How many storage buffers passes take in one dispatch. */
export function buffersOf(passes: readonly Pass[]): number {
  return new Set(passes.flatMap((pass) => bindingsOf(passes, [...readsOf(pass), ...writesOf(pass)]))).size;
}

/** Element number `index` of a buffer, as WGSL. */
type Element = (buffer: Buffer, index: string) => string;

/** Everything that a pass reads. */
export function readsOf(pass: Pass): Buffer[] {
  return operandsOf(pass).flatMap(({ buffer }) => {
    const inner = pass.recomputed.get(buffer);
    return inner ? readsOf(inner) : [buffer];
  });
}

export function writesOf({ stored }: Pass): Buffer[] {
  return [...stored.values()];
}

/** Statements of a pass, for the element of number `i` in memory. */
function statements(pass: Pass, element: Element): string {
  const { lines, valueOf } = computed(pass, "i", "", element);
  const store = [...pass.stored].map(([node, buffer]) => `  ${element(buffer, "i")} = ${valueOf(node)};`);
  return [...lines, ...store].join("\n");
}

interface Computed {
  readonly lines: readonly string[];
  /** The name of a node's value. */
  readonly valueOf: (node: Tensor) => string;
}

/** Computes a pass's nodes for element number `index` of its shape, as it lies in memory; `prefix` begins every name. */
function computed(pass: Pass, index: string, prefix: string, element: Element): Computed {
  const { shape, nodes, origin, recomputed } = pass;
  const operands = operandsOf(pass);
  const loops = joinLoops(
    operands.length + 1,
    elementLoops(shape, [...operands.map(({ tensor }) => tensor.shape), shape]),
  );
  const lines: string[] = [];
  const values = new Map<Tensor, string>();
  /** Of one pass at one place, once. */
  const inner = new Map<Pass, Map<string, Computed>>();
  for (const [k, { tensor, buffer, offset }] of operands.entries()) {
    const at = `${offset}u + ${place(index, loops, k)}`;
    const again = recomputed.get(buffer);
    if (!again) {
      lines.push(`  let ${prefix}x${k} = ${element(buffer, at)};`);
      values.set(tensor, `${prefix}x${k}`);
      continue;
    }
    const [node] = elementAt(
      [...again.stored].filter(([, stored]) => stored === buffer),
      0,
    );
    const ofPass = inner.get(again) ?? new Map<string, Computed>();
    inner.set(again, ofPass);
    let known = ofPass.get(at);
    if (!known) {
      lines.push(`  let ${prefix}i${k} = ${at};`);
      known = computed(again, `${prefix}i${k}`, `${prefix}r${k}_`, element);
      lines.push(...known.lines);
      ofPass.set(at, known);
    }
    values.set(tensor, known.valueOf(node));
  }
  for (const [k, node] of computedNodes(nodes).entries()) {
    const inputs = node.inputs.map((x) => {
      const source = origin(x);
      return isConstant(source) ? literal(source.attributes.value) : (values.get(x) ?? valueAt(values, source));
    });
    values.set(node, `${prefix}t${k}`);
    lines.push(`  let ${prefix}t${k} = ${valueAt(byOp, node.op)(...inputs)};`);
  }
  return { lines, valueOf: (node) => valueAt(values, node) };
}

function labelOf(passes: readonly Pass[]): string {
  const { nodes, shape } = elementAt(passes, 0);
  const names = [...new Set(nodes.map((node) => node.op.name))].join(" ");
  const more = passes.length > 1 ? ` and ${passes.length - 1} more passes` : "";
  return `${names} ${shape.join("×")}${more}`;
}

/** Σ (the index in each loop of element number `index`) · step, for one of the loops' pointers, as WGSL. */
export function place(index: string, loops: readonly Loop[], pointer: number): string {
  let below = 1;
  const terms: string[] = [];
  for (const [i, { size, steps }] of loops.toReversed().entries()) {
    const step = elementAt(steps, pointer);
    if (step !== 0) {
      const quotient = below === 1 ? index : `(${index} / ${below}u)`;
      const own = i === loops.length - 1 ? quotient : `(${quotient} % ${size}u)`;
      terms.push(step === 1 ? own : `${own} * ${step}u`);
    }
    below *= size;
  }
  return terms.length > 0 ? terms.join(" + ") : "0u";
}
