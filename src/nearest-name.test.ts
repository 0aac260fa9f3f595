import { expect, test } from "vitest";
import { nearestName, unknownName } from "./nearest-name.ts";

const thrownFor = (name: string, known: readonly string[]) => () => unknownName("method", name, known);

test("the message names the kind, the nearest name and all known ones, under one code", () => {
  const thrown = thrownFor("Cosin", ["ce", "kd", "cosine"]);
  expect(thrown).toThrow('unknown method "Cosin"; did you mean cosine? Known: ce, kd, cosine');
  expect(thrown).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
});

test("no guess where nothing is near", () => {
  expect(thrownFor("attention", ["ce", "kd"])).toThrow(/^unknown method "attention"\. Known: ce, kd$/);
  expect(thrownFor("kd", [])).toThrow(/^unknown method "kd"\. Known: none$/);
});

test("a long list is cut", () => {
  const known = Array.from({ length: 23 }, (_, i) => `features.${i}`);
  expect(thrownFor("classifier", known)).toThrow(/features\.0, .*features\.19 and 3 more$/);
});

test("the name with the fewest edits, case ignored", () => {
  expect(nearestName("imges", ["labels", "images", "image"])).toBe("images");
  expect(nearestName("LightNet", ["DeepNN", "LightNN"])).toBe("LightNN");
  expect(nearestName("KD", ["kd", "ce"])).toBe("kd");
});

test("all names that have its letters and digits, where there are several", () => {
  const known = ["ResNet50", "MobileNetV2", "resnet50", "mobilenet_v2", "resnet18"];
  expect(thrownFor("Resnet50", known)).toThrow(/did you mean ResNet50 or resnet50\?/);
  expect(thrownFor("mobilenet-v2", known)).toThrow(/did you mean MobileNetV2 or mobilenet_v2\?/);
  expect(thrownFor("ResNet18", known)).toThrow(/did you mean resnet18\?/);
});

test("the first of equally near names", () => {
  expect(nearestName("b1", ["a1", "b2", "c1"])).toBe("a1");
});

test("none where every name is far, or there is none", () => {
  expect(nearestName("cosine", ["kd", "regressor"])).toBeUndefined();
  expect(nearestName("x", [])).toBeUndefined();
});
