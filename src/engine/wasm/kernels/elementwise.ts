/** @file Any number of element-by-element operations in one pass: read each operand once, keep what is between in registers. */
import { elementAt, valueAt } from "../../../elements.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { ops, type ForInputs, type OpName } from "../../../tensor/ops/index.ts";
import { isConstant, type Op, type Tensor } from "../../../tensor/tensor.ts";
import { address, advance, f32x4, i32, int, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { elementLoops, joinLoops } from "../../compiler/layout.ts";
import { computedNodes, operandsOf, type ElementwisePass } from "../../compiler/lowering.ts";
import { loadStrided, storeColumns } from "./floats.ts";
import { eachOf, type Buffer, type Kernel } from "./kernel.ts";
import { exp, log, relu } from "./math.ts";

type Emit<Name extends OpName> = (f: FunctionBuilder, ...operands: ForInputs<Name, Code>) => Code;

/** Each operation's code, from its operands' to its result's. Operands are local reads, cheap to repeat. */
const elementwise = {
  add: (_, a, b) => f32x4.add(a, b),
  sub: (_, a, b) => f32x4.sub(a, b),
  mul: (_, a, b) => f32x4.mul(a, b),
  div: (_, a, b) => f32x4.div(a, b),
  neg: (_, x) => f32x4.neg(x),
  sqrt: (_, x) => f32x4.sqrt(x),
  abs: (_, x) => f32x4.abs(x),
  exp: (f, x) => exp(f, x),
  log: (f, x) => log(f, x),
  relu: (_, x) => relu(x),
  reluGrad: (_, g, y) => v128.andNot(g, f32x4.le(y, f32x4.const(0))),
  // Of NaN 0, as in PyTorch.
  sign: (_, x) =>
    f32x4.sub(
      v128.and(f32x4.const(1), f32x4.gt(x, f32x4.const(0))),
      v128.and(f32x4.const(1), f32x4.lt(x, f32x4.const(0))),
    ),
  round: (_, x) => f32x4.nearest(x),
  equal: (_, a, b) => v128.and(f32x4.const(1), f32x4.eq(a, b)),
  less: (_, a, b) => v128.and(f32x4.const(1), f32x4.lt(a, b)),
  maximum: (_, a, b) => f32x4.max(a, b),
  minimum: (_, a, b) => f32x4.min(a, b),
  clamp: (_, x, low, high) => f32x4.min(f32x4.max(x, low), high),
  broadcastTo: (_, x) => x,
  // Not computed but read, from where its row begins.
  row: (_, x) => x,
} satisfies { readonly [Name in OpName]?: Emit<Name> };

export type ElementwiseName = keyof typeof elementwise;

type AnyEmit = (f: FunctionBuilder, ...operands: readonly Code[]) => Code;

const byOp: ReadonlyMap<Op<never>, AnyEmit> = new Map(
  Object.entries(elementwise).map(([name, emit]) => [ops[name as ElementwiseName], emit as AnyEmit]),
);

/** Whether an operation is computed element by element. */
export function isElementwise(op: Op<never>): boolean {
  return byOp.has(op);
}

/** Elements of a task. */
const taskElements = 16384;

/** Vectors that are computed side by side, which V8 pairs. */
const sideBySide = 2;

export function elementwisePass({ shape, nodes, stored, origin, bufferOf }: ElementwisePass<Buffer>): Kernel {
  const computed = computedNodes(nodes);
  const operands = operandsOf({ shape, nodes, stored, origin, bufferOf });
  const outputs = [...stored];
  // Steps: one an operand, then one for all results, which lie alike.
  const loops = joinLoops(
    operands.length + 1,
    elementLoops(shape, [...operands.map(({ tensor }) => tensor.shape), shape]),
  );
  const inner = elementAt(loops, -1);
  const outer = loops.slice(0, -1);
  const rows = outer.reduce((product, loop) => product * loop.size, 1);
  const flat = rows === 1 && inner.steps.every((step) => step === 0 || step === 1);
  // NOTE: the last of a flat pass may reach past the end; buffers are whole lines of the cache. Of a row's end less is known.
  const together = flat && computed.length < nodes.length ? 1 : sideBySide;
  const groups = Math.ceil(inner.size / (4 * together));
  const chunk = flat ? taskElements / (4 * together) : Math.max(1, Math.floor(taskElements / inner.size));
  const items = flat ? groups : rows;
  return {
    label: `${[...new Set(nodes.map((node) => node.op.name))].join(" ")} ${shape.join("×")}`,
    reads: operands.map(({ buffer }) => buffer),
    writes: outputs.map(([, buffer]) => buffer),
    tasks: Math.max(1, Math.ceil(items / chunk)),
    body: (f, task) => {
      const from = operands.map((operand, loop) => ({
        ...operand,
        at: f.local("i32"),
        step: elementAt(inner.steps, loop),
        loop,
      }));
      const to = outputs.map(([tensor, buffer]) => ({ tensor, buffer, at: f.local("i32") }));
      const elements = (vectors: number, lanes = 4): Code =>
        elementsCode(f, { from, to, computed, origin }, vectors, lanes);
      const next = seq(
        ...from.map(({ at, step }) => (step === 0 ? [] : advance(at, step * together * 16))),
        ...to.map(({ at }) => advance(at, together * 16)),
      );
      const item = f.local("i32");
      if (flat) {
        const begin = i32.mul(task, chunk * together * 16);
        return seq(
          ...from.map(({ buffer, offset, at, step }) =>
            set(at, i32.add(step === 0 ? 0 : begin, buffer.address + offset * 4)),
          ),
          ...to.map(({ at, buffer }) => set(at, i32.add(begin, buffer.address))),
          sizeOf(shape) === 1
            ? elements(1, 1)
            : eachOf(f, item, task, { count: groups, chunk }, [elements(together), next]),
        );
      }
      const column = f.local("i32");
      const whole = Math.floor(inner.size / (4 * together));
      const rest = inner.size % (4 * together);
      const place = (loop: number): Code =>
        rowOffset(
          item,
          outer.map(({ size, steps }) => ({ size, step: elementAt(steps, loop) * 4 })),
        );
      return eachOf(f, item, task, { count: rows, chunk }, [
        ...from.map(({ buffer, offset, at, loop }) => set(at, i32.add(place(loop), buffer.address + offset * 4))),
        ...to.map(({ at, buffer }) => set(at, i32.add(place(operands.length), buffer.address))),
        repeat(column, whole, [elements(together), next]),
        rest > 0 ? elements(Math.ceil(rest / 4), rest % 4 === 0 ? 4 : rest % 4) : [],
      ]);
    },
  };
}

/** What a pass reads and writes at the places of its pointers, and computes between. */
interface ElementsPass extends Pick<ElementwisePass<Buffer>, "origin"> {
  readonly from: readonly { readonly tensor: Tensor; readonly at: Local; readonly step: number }[];
  readonly to: readonly { readonly tensor: Tensor; readonly at: Local }[];
  readonly computed: readonly Tensor[];
}

/** `vectors` neighbouring ones, of the last of which only some lanes count. */
function elementsCode(
  f: FunctionBuilder,
  { from, to, computed, origin }: ElementsPass,
  vectors: number,
  lanes: number,
): Code {
  const each = Array.from({ length: vectors }, (_, v) => ({ v, values: new Map<Tensor, Local>() }));
  const load = from.flatMap(({ tensor, at, step }) =>
    each.map(({ v, values }) => {
      const local = f.local("v128");
      values.set(tensor, local);
      if (step === 0) return set(local, v128.load32Splat(at));
      if (step === 1) return set(local, v128.load(at, v * 16));
      return set(local, loadStrided(f, at, v * step * 16, step * 4, v === vectors - 1 ? lanes : 4));
    }),
  );
  const compute = computed.flatMap((node) =>
    each.map(({ values }) => {
      const local = f.local("v128");
      const code = valueAt(byOp, node.op)(
        f,
        ...node.inputs.map((x): Code => {
          const source = origin(x);
          return isConstant(source) ? f32x4.const(source.attributes.value) : (values.get(x) ?? valueAt(values, source));
        }),
      );
      values.set(node, local);
      return set(local, code);
    }),
  );
  const store = to.flatMap(({ tensor, at }) =>
    each.map(({ v, values }) => storeColumns(at, valueAt(values, tensor), v * 16, v === vectors - 1 ? lanes : 4, f)),
  );
  return seq(...load, ...compute, ...store);
}

/** The offset of row number `row` of nested loops: Σ (its index in each) · step. */
export function rowOffset(row: Code, loops: readonly { readonly size: number; readonly step: number }[]): Code {
  let below = 1;
  let offset: Code = int(0);
  for (const [i, { size, step }] of loops.toReversed().entries()) {
    const quotient = below === 1 ? row : i32.divUnsigned(row, below);
    const index = i === loops.length - 1 ? quotient : i32.remUnsigned(quotient, size);
    if (step !== 0) offset = address(offset, [index, step]);
    below *= size;
  }
  return offset;
}
