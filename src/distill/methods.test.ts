import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { createModel } from "../models/index.ts";
import { recordBatch } from "../train/batch.ts";
import { learner } from "./learner.ts";
import { findMethod, methods, objective, optionsSchema, type AnyMethod } from "./index.ts";

const teacher = createModel("DeepNN");
const student = createModel("LightNN");

test("every method stands in the table under its own name, and describes each option", () => {
  for (const [name, method] of Object.entries<AnyMethod>(methods)) {
    expect(method.name).toBe(name);
    const { properties } = z.toJSONSchema(optionsSchema(method));
    for (const [option, schema] of Object.entries(properties!)) {
      expect(schema, option).toMatchObject({ description: expect.stringMatching(/./), default: expect.anything() });
    }
  }
});

test("an unknown method comes with the nearest known one", () => {
  expect(() => findMethod("cosin")).toThrow(/did you mean cosine\?/);
  expect(() => findMethod("toString")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
});

test("every wrong option is listed", () => {
  const wrong = () => objective(findMethod("kd"), { temperature: 0, kdWeight: -1, alpha: 0.5 });
  expect(wrong).toThrow(/temperature[^]*kdWeight[^]*alpha/);
  expect(wrong).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test("the weights are the tutorial's unless told otherwise", () => {
  expect(objective(methods.kd).weights).toEqual({ kd: 0.25, ce: 0.75 });
  expect(objective(methods.cosine, { cosineWeight: 1 }).weights).toEqual({ cosine: 1, ce: 0.75 });
  expect(objective(methods.regressor).weights).toEqual({ mse: 0.25, ce: 0.75 });
  expect(objective(methods.ce).weights).toEqual({ ce: 1 });
});

test("a method that needs a teacher says so when there is none", () => {
  expect(() => learner(student, objective(methods.kd))).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test("the regressor refuses feature maps of different size, naming both, and takes any that agree", () => {
  const at = (place: string) => {
    const pairs = [{ teacher: "features.9", student: place }];
    return learner(student, objective(methods.regressor, { pairs }), teacher);
  };
  expect(() => at("features.2")).toThrow(/\[1, 16, 16, 16\].*\[1, 32, 8, 8\]/);
  expect(() => at("classifier")).toThrow(expect.objectContaining({ code: "SHAPE" }));
  expect(() => at("feature")).toThrow(/did you mean features\?/);
  expect(Object.keys(at("features.5").auxiliaries)).toEqual(["regressor"]);
});

test("the cosine loss refuses features that do not divide, naming both lengths", () => {
  const cosine = objective(methods.cosine, { pairs: [{ teacher: "features", student: "features.0" }] });
  const { batch } = recordBatch(learner(student, cosine, teacher), 2, {});
  expect(() => cosine.losses(batch)).toThrow(/whole number of times.*\[2, 32, 8, 8\].*\[2, 16384\]/);
});

test("a method's file needs tensors, modules and what stands beside it, no schema and no engine", () => {
  const seen = new Set<string>();
  const importsOf = (path: string): string[] => {
    const source = readFileSync(new URL(path, import.meta.url), "utf8");
    return [...source.matchAll(/from "([^"]+)"/g)].map(([, from]) => from!);
  };
  const waiting = Object.keys(methods).map((name) => `./methods/${name}.ts`);
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const from of importsOf(file)) {
      const resolved = new URL(from, new URL(file, "file:///src/distill/")).pathname;
      expect(resolved, `${file} imports ${from}`).toMatch(
        /^\/src\/(distill\/.*|nn\/.*|tensor\/.*|errors|arguments|module-source)\.ts$/,
      );
      if (resolved.startsWith("/src/distill/")) waiting.push(resolved.replace("/src/distill/", "./"));
    }
  }
  expect(seen.size).toBeGreaterThan(Object.keys(methods).length);
  expect([...seen]).not.toContain("./resolve.ts");
});
