import { expect, test } from "vitest";
import { checkPrepared } from "./check.ts";
import { prepare } from "./prepare.ts";
import type { Dispatch, Span } from "./dispatch.ts";

const [weight, panels, x, y, z] = ["weight", "panels", "x", "y", "z"].map((label) => ({ label, bytes: 64 })) as [
  Span,
  Span,
  Span,
  Span,
  Span,
];
const dispatch = (label: string, reads: Span[], writes: Span[]): Dispatch => ({ label, reads, writes });
const pack = dispatch("pack", [weight], [panels]);
const product = dispatch("product", [x, panels], [y]);

test("what reads unchanged states alone is run once, and kept where it is read afterwards", () => {
  const turned = dispatch("turn", [weight], [z]);
  const packed = dispatch("pack", [z], [panels]);
  const found = prepare([turned, product, packed], { varying: [x], wanted: [y] });
  expect(found).toEqual({ once: [turned, packed], everyRun: [product], kept: new Set([panels]) });
});

test("what the caller reads is kept", () => {
  const found = prepare([pack], { varying: [], wanted: [panels] });
  expect(found).toEqual({ once: [pack], everyRun: [], kept: new Set([panels]) });
});

test("nothing that touches a state which the program updates is run once", () => {
  const update = dispatch("update", [y], [weight]);
  expect(prepare([pack, product, update], { varying: [x, weight], wanted: [weight] }).once).toEqual([]);
  const reset = dispatch("reset", [z], [weight]);
  expect(prepare([reset], { varying: [weight], wanted: [weight] }).once).toEqual([]);
});

test("memory that is filled, and partly overwritten with what varies, is filled at every run", () => {
  const put = dispatch("put", [x], [panels]);
  expect(prepare([pack, put, product], { varying: [x], wanted: [y] }).once).toEqual([]);
});

test("a wrong division is noticed", () => {
  const all = [pack, product];
  const kept = new Set([panels]);
  expect(() => checkPrepared(all, { once: [pack], everyRun: [product], kept }, [x])).not.toThrow();
  expect(() => checkPrepared(all, { once: [pack], everyRun: [product], kept }, [x, weight])).toThrow(
    "pack would be run once, but weight changes with every run",
  );
  expect(() => checkPrepared(all, { once: [product], everyRun: [pack], kept }, [x])).toThrow(
    /product would be run once/,
  );
  expect(() => checkPrepared(all, { once: [pack], everyRun: [product], kept: new Set<Span>() }, [x])).toThrow(
    "product would read panels, which is not kept",
  );
  const late = dispatch("second half", [weight], [panels]);
  expect(() => checkPrepared([...all, late], { once: [pack, late], everyRun: [product], kept }, [x])).toThrow(
    "product would read what panels is only later",
  );
});
