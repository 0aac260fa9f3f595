import { expect, test } from "vitest";
import { bounded } from "./resolve.ts";
import { methods, objectiveNamed, type AnyMethod } from "./index.ts";

test("every method's own numbers are within the bounds", () => {
  for (const name of Object.keys(methods)) expect(objectiveNamed(name).name).toBe(name);
});

test("options are searched around their defaults, by values that they take; epochs, sizes and weights of 0 stay", () => {
  const searched = Object.entries<AnyMethod>(methods).flatMap(([name, { options }]) =>
    Object.entries(options).flatMap(([option, { default: value, search, unit }]) => {
      if (!search) return [];
      expect(unit, option).toBeUndefined();
      expect(search.from, option).toBeLessThan(search.to);
      if (search.scale === "log") expect(search.from, option).toBeGreaterThan(0);
      expect(value, option).toSatisfy((number: number) => search.from <= number && number <= search.to);
      for (const end of [search.from, search.to])
        expect(objectiveNamed(name, { [option]: end }).options[option], `${name} ${option}`).toBe(end);
      return [`${name}.${option}`];
    }),
  );
  expect(searched).toContain("kd.temperature");
  for (const fixed of ["ab.initialEpochs", "ab.boundaryWeight", "simkd.reduction", "ft.rate", "crd.negatives"])
    expect(searched).not.toContain(fixed);
  expect(searched.length).toBeGreaterThan(50);
});

test.each([
  ["kd", { temperature: 1e308 }, /temperature: .*got 1e\+308/],
  ["kd", { temperature: 1e-300 }, /temperature: .*from 1e-12 to 1000000000 in size, got 1e-300/],
  ["kd", { kdWeight: 1e39, ceWeight: 1e200 }, /kdWeight: [^]*ceWeight: /],
  ["kd+at", { "at.attentionWeight": 1e308 }, /options of method at:[^]*attentionWeight/],
  ["crd", { crdWeight: 1e10 }, /crdWeight/],
])("%s with %j is refused", (method, options, message) => {
  expect(() => objectiveNamed(method, options)).toThrow(message);
  expect(() => objectiveNamed(method, options)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

test("numbers are found wherever they stand, negative ones too", () => {
  const wrong = { list: [1, -1e300], nested: { deep: 1e-99 }, name: "1e308", flag: true, zero: 0 };
  expect(() => bounded("own", wrong)).toThrow(/list\.1: .*got -1e\+300[^]*nested\.deep: .*got 1e-99/);
  expect(bounded("own", { zero: 0, weight: -5 })).toEqual({ zero: 0, weight: -5 });
});
