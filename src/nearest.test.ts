import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test("the name with the fewest edits, case ignored", () => {
  expect(nearest("imges", ["labels", "images", "image"])).toBe("images");
  expect(nearest("LightNet", ["DeepNN", "LightNN"])).toBe("LightNN");
  expect(nearest("KD", ["kd", "ce"])).toBe("kd");
});

test("the first of equally near names", () => {
  expect(nearest("b1", ["a1", "b2", "c1"])).toBe("a1");
});

test("none where every name is far, or there is none", () => {
  expect(nearest("cosine", ["kd", "regressor"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});
