import { expect, test } from "vitest";
import * as z from "zod/mini";
import { problemsOf } from "./parse-with.ts";

const schema = z.strictObject({
  model: z.string(),
  epochs: z.int().check(z.positive()),
  engine: z._default(z.enum(["wasm", "reference"]), "wasm"),
  augment: z.optional(z.strictObject({ crop: z.optional(z.strictObject({ padding: z.int() })) })),
  teacher: z.union([z.array(z.string()), z.string()]),
});

const messages = (value: unknown): string[] => {
  const { error } = schema.safeParse(value);
  return problemsOf(schema, value, error!).map(({ path, message }) => `${path.join(".")}: ${message}`);
};

test("each problem says where, what was expected and what came", () => {
  expect(messages({ model: 5, epochs: 2.5, engine: "wsam", augment: null, teacher: [1] })).toEqual([
    "model: expected a string, got 5",
    "epochs: expected a whole number, got 2.5",
    'engine: expected wasm, reference, got "wsam"; did you mean wasm?',
    "augment: expected an object, got null",
    "teacher.0: expected a string, got 1",
  ]);
  expect(messages({ model: "x", epochs: 0, teacher: {} })).toEqual([
    "epochs: expected a number above 0, got 0",
    "teacher: expected a list or a string, got an object",
  ]);
  expect(messages(7)).toEqual([": expected an object, got 7"]);
});

test("what is too small or too large is told with its bound", () => {
  const ranges = z.strictObject({
    most: z.number().check(z.lte(5)),
    below: z.number().check(z.lt(1)),
    list: z.array(z.string()).check(z.minLength(2)),
    text: z.string().check(z.minLength(1), z.maxLength(9)),
    share: z.string().check(z.regex(/%$/, "expected a share such as 20%")),
  });
  const value = { most: 6, below: 1, list: ["a"], text: "", share: "20" };
  const found = problemsOf(ranges, value, ranges.safeParse(value).error!);
  expect(found.map(({ message }) => message)).toEqual([
    "expected a number of at most 5, got 6",
    "expected a number below 1, got 1",
    "expected a list of at least 2 items, got a list",
    'expected a string of at least 1 character, got ""',
    'expected a share such as 20%, got "20"',
  ]);
});

test("an unknown key comes with the nearest known one, at any depth; names of Object.prototype are unknown", () => {
  const good = { model: "x", epochs: 1, teacher: "x" };
  expect(messages({ ...good, epohcs: 1 })[0]).toBe(
    ': unknown key "epohcs"; did you mean epochs? Known: model, epochs, engine, augment, teacher',
  );
  expect(messages({ ...good, augment: { crop: { padding: 1, pading: 2 } } })).toEqual([
    'augment.crop: unknown key "pading"; did you mean padding? Known: padding',
  ]);
  expect(messages({ ...good, constructor: 1 })[0]).toContain('unknown key "constructor". Known');
  expect(messages({ ...good, ...(JSON.parse('{"__proto__": 1}') as object) })[0]).toContain('unknown key "__proto__"');
});
