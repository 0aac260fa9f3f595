import { expect, test } from "vitest";
import { unknownName } from "./nearest-name.ts";

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
