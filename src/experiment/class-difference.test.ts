import { expect, test } from "vitest";
import { classDifference } from "./class-difference.ts";

const zoo = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu"];

test("the name that differs is said with its place, wherever it stands", () => {
  expect(classDifference(zoo, zoo.with(5, "fax"))).toBe('number 5 is "fax" instead of "fox"');
  expect(classDifference(zoo, zoo.toSpliced(5, 2, "gnu", "fox"))).toBe(
    'number 5 is "gnu" instead of "fox", number 6 is "fox" instead of "gnu"',
  );
  expect(classDifference(zoo, zoo.with(6, "gnu "))).toBe('number 6 is "gnu " instead of "gnu"');
});

test("of lists of other lengths, the names that one alone has", () => {
  expect(classDifference(zoo, zoo.toSpliced(5, 1))).toBe('"fox" (number 5) is missing');
  expect(classDifference(zoo, [...zoo, "hen"])).toBe('"hen" (number 7) is in addition');
  expect(classDifference(zoo, ["hen", ...zoo.slice(1), "ibis"])).toBe(
    '"ant" (number 0) is missing; "hen" (number 0), "ibis" (number 7) are in addition',
  );
  expect(classDifference(zoo, [...zoo, "ant"])).toBe("8 names instead of 7");
});

test("of many, the first five", () => {
  const other = zoo.map((name) => name.toUpperCase());
  expect(classDifference(zoo, other)).toMatch(/^number 0 is "ANT" instead of "ant", .*number 4 .* and 2 more$/);
});
