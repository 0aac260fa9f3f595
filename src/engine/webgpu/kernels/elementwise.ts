/** @file Any number of element-by-element operations in one dispatch: read each operand once, keep what is between in registers. */
import { ops, type ForInputs, type OpName } from "../../../tensor/ops/index.ts";
import { sizeOf, type Shape } from "../../../tensor/shape.ts";
import { isConstant, type Op, type Tensor } from "../../../tensor/tensor.ts";
import { elementLoops, joinLoops } from "../../wasm/kernels/layout.ts";
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

/** One pass over `shape`: `nodes` in order, of which `stored` go to memory. */
export interface ElementwisePass {
  readonly shape: Shape;
  readonly nodes: readonly Tensor[];
  readonly stored: ReadonlyMap<Tensor, Buffer>;
  /** The tensor that a renaming stands for. */
  readonly origin: (tensor: Tensor) => Tensor;
  /** Where an operand from outside the pass lies. */
  readonly bufferOf: (tensor: Tensor) => Buffer;
  /** Where in that buffer it begins, in elements. */
  readonly offsetOf: (tensor: Tensor) => number;
}

/** What a pass reads from outside of itself. */
export function operandsOf({ nodes, origin }: Pick<ElementwisePass, "nodes" | "origin">): Tensor[] {
  const own = new Set(nodes);
  return [...new Set(nodes.flatMap((node) => node.inputs))].filter(
    (x) => !own.has(origin(x)) && !isConstant(origin(x)),
  );
}

export function elementwisePass(pass: ElementwisePass): Kernel {
  const { shape, nodes, stored, origin, bufferOf, offsetOf } = pass;
  const operands = operandsOf(pass);
  const outputs = [...stored];
  const loops = joinLoops(operands.length + 1, elementLoops(shape, [...operands.map((x) => x.shape), shape]));
  return kernel({
    label: `${[...new Set(nodes.map((node) => node.op.name))].join(" ")} ${shape.join("×")}`,
    reads: Object.fromEntries(operands.map((x, i) => [`x${i}`, bufferOf(x)])),
    writes: Object.fromEntries(outputs.map(([, buffer], i) => [`y${i}`, buffer])),
    count: sizeOf(shape),
    body: (names) => {
      const values = new Map<Tensor, string>(operands.map((x, i) => [x, `x${i}`]));
      const load = operands.map(
        (x, i) => `  let x${i} = ${names[`x${i}`]!}[${offsetOf(x)}u + ${place("i", loops, i)}];`,
      );
      const compute = nodes.map((node, i) => {
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
