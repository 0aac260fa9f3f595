/** @file A link holds the settings of a lesson. */
import { expect, test } from "vitest";
import { defaults, fromQuery, problemsOf, toQuery } from "../../web/src/settings.ts";

test("settings come back from their link, and the defaults need none", () => {
  expect(toQuery(defaults)).toBe("");
  expect(fromQuery("")).toEqual(defaults);
  const settings = {
    ...defaults,
    teacher: "resnet20",
    methods: ["kd", "dist"],
    options: { kd: { temperature: 4, standardise: true }, dist: { interWeight: 0.5 } },
    epochs: 9,
    engine: "webgpu",
  } as const;
  expect(fromQuery(toQuery(settings))).toEqual(settings);
});

test.each(["engine=cuda", "kd.temperature=warm", "a.b=1"])("%s is passed over", (query) => {
  expect(fromQuery(query)).toEqual(defaults);
});

const soft = {
  name: "kd",
  title: "Soft targets",
  summary: "",
  options: [{ name: "temperature", description: "", default: 2, bounds: { above: 0 } }],
};

test.each([
  ["epochs=0", "Epochs should be a whole number from 1 to 100."],
  ["epochs=99999999", "Epochs should be a whole number from 1 to 100."],
  ["epochs=", "Epochs should be a whole number from 1 to 100."],
  ["epochs=x", "Epochs should be a whole number from 1 to 100."],
  ["images=1.5", "Pictures should be a whole number from 128 to 32,768."],
  ["images=1e400", "Pictures should be a whole number from 128 to 32,768."],
  ["seed=-1", "Seed should be a whole number from 0 to 4,294,967,295."],
  ["kd.temperature=0", "Soft targets, temperature should be a number above 0."],
])("%s is kept, and cannot be trained with", (query, problem) => {
  expect(problemsOf(fromQuery(query), [soft])).toEqual([problem]);
});

test("what may be has no problem, and options of methods that are not chosen have none", () => {
  expect(problemsOf(fromQuery("epochs=100&images=128&seed=0&kd.temperature=0.5"), [soft])).toEqual([]);
  expect(problemsOf({ ...defaults, methods: [], options: { kd: { temperature: 0 } } }, [soft])).toEqual([]);
});

test("an empty field is not written into the link", () => {
  expect(toQuery({ ...defaults, epochs: Number.NaN, options: { kd: { temperature: Number.NaN } } })).toBe("");
});

test("no method is a choice too, and more than six are cut", () => {
  expect(fromQuery("methods=").methods).toEqual([]);
  expect(fromQuery("methods=a+b+c+d+e+f+g+a").methods).toEqual(["a", "b", "c", "d", "e", "f"]);
});
