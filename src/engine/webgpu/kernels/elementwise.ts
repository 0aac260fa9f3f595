/** @file Any number of element-by-element operations in one dispatch: read each operand once, keep what is between in registers. */
import { ops, type AttributesOf, type ForInputs, type OpName } from "../../../tensor/ops/index.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { isConstant, type Op, type Tensor } from "../../../tensor/tensor.ts";
import { elementLoops, joinLoops } from "../../compiler/layout.ts";
import type { ElementwisePass } from "../../compiler/lowering.ts";
import { literal } from "./functions.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";
import { place } from "./place.ts";

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

/** What a pass reads from outside of itself, and where that lies. */
interface Operand {
  readonly tensor: Tensor;
  readonly buffer: Buffer;
  /** Where in the buffer it begins, in elements. */
  readonly offset: number;
}

export function operandsOf({ nodes, origin, bufferOf }: ElementwisePass<Buffer>): Operand[] {
  const own = new Set(nodes);
  const outside = [...new Set(nodes.filter((node) => node.op !== ops.row).flatMap((node) => node.inputs))].filter(
    (x) => !own.has(origin(x)) && !isConstant(origin(x)),
  );
  // Rows are not computed but read where they lie.
  const rows = nodes.filter((node) => node.op === ops.row);
  return [
    ...rows.map((tensor) => ({ tensor, buffer: bufferOf(tensor.inputs[0]!), offset: offsetOfRow(tensor) })),
    ...outside.map((tensor) => ({ tensor, buffer: bufferOf(tensor), offset: 0 })),
  ];
}

export function elementwisePass(pass: ElementwisePass<Buffer>): Kernel {
  const { shape, nodes, stored, origin } = pass;
  const operands = operandsOf(pass);
  const outputs = [...stored];
  const loops = joinLoops(
    operands.length + 1,
    elementLoops(shape, [...operands.map(({ tensor }) => tensor.shape), shape]),
  );
  return kernel({
    label: `${[...new Set(nodes.map((node) => node.op.name))].join(" ")} ${shape.join("×")}`,
    reads: Object.fromEntries(operands.map(({ buffer }, i) => [`x${i}`, buffer])),
    writes: Object.fromEntries(outputs.map(([, buffer], i) => [`y${i}`, buffer])),
    count: sizeOf(shape),
    body: (names) => {
      const values = new Map<Tensor, string>(operands.map(({ tensor }, i) => [tensor, `x${i}`]));
      const load = operands.map(
        ({ offset }, i) => `  let x${i} = ${names[`x${i}`]!}[${offset}u + ${place("i", loops, i)}];`,
      );
      const computed = nodes.filter((node) => node.op !== ops.row);
      const compute = computed.map((node, i) => {
        const inputs = node.inputs.map((x) => {
          const source = origin(x);
          return isConstant(source) ? literal(source.attributes.value) : (values.get(x) ?? values.get(source))!;
        });
        values.set(node, `t${i}`);
        return `  let t${i} = ${byOp.get(node.op)!(...inputs)};`;
      });
      const store = outputs.map(([node], i) => `  ${names[`y${i}`]!}[i] = ${values.get(node)!};`);
      return [...load, ...compute, ...store].join("\n");
    },
  });
}

function offsetOfRow({ attributes, size }: Tensor): number {
  return (attributes as AttributesOf<"row">).index * size;
}
