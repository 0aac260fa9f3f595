import { expect, test } from "vitest";
import { add, analyse, exp, input, matmul, mul, type Graph } from "../../../tensor/index.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { checkKernels, checkUnits } from "./check.ts";
import { partition } from "./units.ts";

const x = input("x", [3, 3]);
const product = matmul(exp(x), x);
const graph: Graph = { outputs: { y: add(mul(product, x), x) }, updates: [] };
const analysed = analyse(graph);
const nodes = analysed.order.filter((node) => node !== x);
const { units, origin } = partition(graph, analysed);

test("a partition of all nodes in order is accepted", () => {
  expect(() => checkUnits(nodes, { units, origin })).not.toThrow();
});

test("a dropped unit is noticed", () => {
  expect(() => checkUnits(nodes, { units: units.slice(0, -1), origin })).toThrow("mul [3, 3] would not be computed");
});

test("a unit before one that it reads is noticed", () => {
  expect(() => checkUnits(nodes, { units: units.toReversed(), origin })).toThrow(
    "mul [3, 3] would be computed before matmul [3, 3], which it reads",
  );
});

test("a node in two units is noticed", () => {
  expect(() => checkUnits(nodes, { units: [...units, units.at(-1)!], origin })).toThrow("would be computed twice");
});

test("a buffer that is read but never written, or wanted and never written, is noticed", () => {
  const [a, b] = [new Buffer("a", 4), new Buffer("b", 4)];
  const kernel: Kernel = { label: "copy", reads: [a], writes: [b], tasks: 1, scratch: 0, body: () => [] };
  expect(() => checkKernels([kernel], { given: [a], wanted: [b] })).not.toThrow();
  expect(() => checkKernels([kernel], { given: [], wanted: [b] })).toThrow(
    "copy would read a, which nothing has written",
  );
  expect(() => checkKernels([kernel], { given: [a], wanted: [a, b] })).toThrow("nothing would write a");
});
