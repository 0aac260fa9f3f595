import { expect, test } from "vitest";
import { add, analyse, exp, input, matmul, mul, type Graph } from "../../tensor/index.ts";
import { ops } from "../../tensor/ops/index.ts";
import { checkDispatches, checkGroups } from "./check.ts";
import { fuse } from "./fuse.ts";
import type { Dispatch, Span } from "./dispatch.ts";

const x = input("x", [3, 3]);
const product = matmul(exp(x), x);
const graph: Graph = { outputs: { y: add(mul(product, x), x) }, updates: [] };
const analysed = analyse(graph);
const nodes = analysed.order.filter((node) => node !== x);
const { groups, origin } = fuse(graph, analysed, {
  isElementwise: (op) => op !== ops.matmul,
  isEpilogue: () => false,
  isInPlace: () => true,
});

test("a division of all nodes in order is accepted", () => {
  expect(() => checkGroups(nodes, { groups, origin })).not.toThrow();
});

test("a dropped group is noticed", () => {
  expect(() => checkGroups(nodes, { groups: groups.slice(0, -1), origin })).toThrow("mul [3, 3] would not be computed");
});

test("a group before one that it reads is noticed", () => {
  expect(() => checkGroups(nodes, { groups: groups.toReversed(), origin })).toThrow(
    "mul [3, 3] would be computed before matmul [3, 3], which it reads",
  );
});

test("a node in two groups is noticed", () => {
  expect(() => checkGroups(nodes, { groups: [...groups, groups.at(-1)!], origin })).toThrow("would be computed twice");
});

test("memory that is read but never written, or wanted and never written, is noticed", () => {
  const [a, b]: Span[] = [
    { label: "a", bytes: 16 },
    { label: "b", bytes: 16 },
  ];
  const copy: Dispatch = { label: "copy", reads: [a!], writes: [b!] };
  expect(() => checkDispatches([copy], { given: [a!], wanted: [b!] })).not.toThrow();
  expect(() => checkDispatches([copy], { given: [], wanted: [b!] })).toThrow(
    "copy would read a, which nothing has written",
  );
  expect(() => checkDispatches([copy], { given: [a!], wanted: [a!, b!] })).toThrow("nothing would write a");
});
