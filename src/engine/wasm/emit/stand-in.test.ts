import { expect, test } from "vitest";
import { call, i32, int, seq, standIn, type Code } from "./code.ts";
import { ModuleBuilder, type FunctionBuilder } from "./module.ts";

const params = ["i32", "i32"] as const;

/** Stores 7 at one address and 9 behind another, which are known as parameters alone. */
function store(f: FunctionBuilder): Code {
  const [first, second] = [standIn(f.param(0)), standIn(f.param(1))];
  return seq(
    i32.store8(int(first + 3 - 1), int(7)),
    i32.store8(i32.sub(int(second - 20), int(second - 21)), int(9), second + 5),
    i32.store8(int(30), int(5), second - 10),
  );
}

test("an address may be what a parameter holds, and functions that are equal but for addresses are one", () => {
  const module = new ModuleBuilder();
  const shared = [0, 1].map(() => module.share(params, store, "store"));
  expect(shared[0]).toBe(shared[1]);
  expect(module.share(params, () => [], "another")).not.toBe(shared[0]);
  expect(module.share([...params, "i32"], store, "of another type")).not.toBe(shared[0]);
  module.add([], () => seq(call(shared[0]!, int(100), int(200)), call(shared[0]!, int(300), int(40))), {
    exported: "run",
  });

  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const compiled = new WebAssembly.Module(module.encode({ initial: 1, maximum: 1, shared: false }));
  (new WebAssembly.Instance(compiled, { env: { memory } }).exports["run"] as () => void)();
  const bytes = new Uint8Array(memory.buffer);
  const found = [...bytes.entries()].filter(([, value]) => value !== 0);
  expect(found).toEqual([
    [46, 9],
    [60, 5],
    [102, 7],
    [206, 9],
    [220, 5],
    [302, 7],
  ]);
});

test.each<[string, (a: number, b: number) => number]>([
  ["a sum of two", (a, b) => a + b],
  ["a difference of two", (a, b) => b - a],
  ["a multiple", (a) => 2 * a],
  ["a part", (a) => a / 2],
  ["one far away", (a) => a + 2 ** 32],
  ["no number", (a) => a * Number.NaN],
])("nothing but numbers is added to such an address: %s", (_, made) => {
  const module = new ModuleBuilder();
  const value = (f: FunctionBuilder): number => made(standIn(f.param(0)), standIn(f.param(1)));
  const message = /neither a number of 32 bits nor an address/;
  expect(() => module.add(params, (f) => i32.store8(int(value(f)), int(1)))).toThrow(message);
  expect(() => module.add(params, (f) => i32.store8(f.param(0), int(1), value(f)))).toThrow(message);
});
