import { expect, test } from "vitest";
import { Dependencies } from "./dependencies.ts";

test("neighbours become one, with the neighbours of both", () => {
  const parts = new Dependencies<string>(4);
  parts.add("a", []);
  parts.add("b", ["a"]);
  parts.add("c", ["b"]);
  expect(parts.merge("b", "a")).toBe(true);
  expect(parts.sources("c")).toEqual(["a"]);
  expect(parts.merge("c", "a")).toBe(true);
  expect(parts.sources("a")).toEqual([]);
});

test("two parts stay two if a path between them leads through a third", () => {
  const parts = new Dependencies<string>(4);
  parts.add("a", []);
  parts.add("between", ["a"]);
  parts.add("c", ["a", "between"]);
  expect(parts.merge("c", "a")).toBe(false);
  expect(parts.merge("a", "c")).toBe(false);
  expect(parts.sources("c")).toEqual(["a", "between"]);
});

test("what a merging adds to a part's needs reaches those that read it", () => {
  // exp → matmul → mul, and a product of the gradient that joins exp by another operand.
  const parts = new Dependencies<string>(8);
  parts.add("early", []);
  parts.add("reader of early", ["early"]);
  parts.add("heavy", []);
  parts.add("late", ["heavy"]);
  expect(parts.merge("late", "early")).toBe(true);
  // The reader now needs heavy, by what early became.
  parts.add("last", ["heavy", "reader of early"]);
  expect(parts.merge("last", "heavy")).toBe(false);
});

test("random mergings never make a circle", () => {
  for (let turn = 0; turn < 200; turn++) {
    let state = turn * 7919 + 1;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
    const parts = new Dependencies<number>(40);
    const alive: number[] = [];
    for (let part = 0; part < 40; part++) {
      parts.add(
        part,
        alive.filter(() => below(8) === 0),
      );
      alive.push(part);
      for (let tries = 0; tries < 2; tries++) {
        const [i, j] = [below(alive.length), below(alive.length)];
        if (i !== j && parts.merge(alive[i]!, alive[j]!)) alive.splice(i, 1);
      }
    }
    const done = new Set<number>();
    for (let before = -1; before < done.size;) {
      before = done.size;
      for (const part of alive) if (parts.sources(part).every((source) => done.has(source))) done.add(part);
    }
    expect(done.size, `turn ${turn}`).toBe(alive.length);
  }
});
