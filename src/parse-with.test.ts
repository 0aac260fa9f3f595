import { expect, test } from "vitest";
import { z } from "zod";
import { problemsOf } from "./parse-with.ts";

const schema = z.strictObject({
  model: z.string(),
  epochs: z.int().positive(),
  engine: z.enum(["wasm", "reference"]).default("wasm"),
  augment: z.strictObject({ crop: z.strictObject({ padding: z.int() }).optional() }).optional(),
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
    "epochs: Too small: expected number to be >0, got 0",
    "teacher: expected a list or a string, got an object",
  ]);
  expect(messages(7)).toEqual([": expected an object, got 7"]);
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
