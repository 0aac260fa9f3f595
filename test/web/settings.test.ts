/** @file A link holds the settings of a lesson. */
import { expect, test } from "vitest";
import { defaults, fromQuery, toQuery } from "../../web/src/settings.ts";

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

test.each([
  "epochs=0",
  "epochs=1e9",
  "epochs=x",
  "images=1.5",
  "seed=-1",
  "engine=cuda",
  "kd.temperature=warm",
  "a.b=1",
])("%s is passed over", (query) => {
  expect(fromQuery(query)).toEqual(defaults);
});

test("no method is a choice too, and more than six are cut", () => {
  expect(fromQuery("methods=").methods).toEqual([]);
  expect(fromQuery("methods=a+b+c+d+e+f+g+a").methods).toEqual(["a", "b", "c", "d", "e", "f"]);
});
