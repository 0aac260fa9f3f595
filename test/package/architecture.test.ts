/** @file The structure is what docs/architecture.md shows, and has no circles. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { page, redrawn } from "./architecture.ts";
import { arrowsOfParts, circles, importsOfSources } from "./structure.ts";

test("the picture is that of the sources; `npm run architecture` draws it again", () => {
  const text = readFileSync(page, "utf8");
  expect(redrawn(text)).toBe(text);
});

test("parts and files import in no circle, types included", () => {
  expect(circles(arrowsOfParts())).toEqual([]);
  expect(circles(importsOfSources())).toEqual([]);
});

test("a circle would be found", () => {
  const edges = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", []],
  ]);
  expect(circles(edges)).toEqual([["a", "b", "c"]]);
});

test("every part is described, and every file that the page names is there", () => {
  const text = readFileSync(page, "utf8");
  const described = [...text.matchAll(/^\| `src\/([\w-]+)\/` /gm)].map(([, part]) => part);
  expect(described.toSorted()).toEqual([...arrowsOfParts().keys()].toSorted());
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!);
  expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([]);
  expect(links.length).toBeGreaterThan(20);
});
