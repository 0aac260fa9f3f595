import { expect, test } from "vitest";
import { LimbeckError } from "../errors.ts";
import { predictionsAsCsv } from "./predictions.ts";

const read = async (): Promise<Uint8Array> => new Uint8Array();
const rowOf = (path: string, name: string, probability = 0.5): string =>
  predictionsAsCsv([{ source: { path, read }, classes: [{ index: 0, name, probability }] }]).split("\r\n")[1]!;

test.each([
  ["=1+2", "'=1+2"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\n=1", `"'\n=1"`],
  ["＝1", "'＝1"],
  ['=cmd|" /C calc"!A0', `"'=cmd|"" /C calc""!A0"`],
  ["=1,=2", `"'=1,=2"`],
  ["cat=dog", "cat=dog"],
  ["\r\u001B[2Jcat", "\uFFFD\uFFFD[2Jcat"],
])("in CSV, %j is no formula and no escape, as a class and as a path", (text, cell) => {
  expect(rowOf(text, text)).toBe(`${cell},${cell},0.5,`);
});

test("numbers stay numbers, and an error's message is a text", () => {
  expect(rowOf("a.png", "cat", 1e-9)).toBe("a.png,cat,1e-9,");
  const error = new LimbeckError("DATA_FORMAT", "=1 should be a picture");
  expect(predictionsAsCsv([{ source: { path: "a.png", read }, error }])).toContain("a.png,,,'=1 should");
});
