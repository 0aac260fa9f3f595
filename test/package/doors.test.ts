/** @file Doors between the parts: a part is imported by its index.ts, or by that of a folder inside it, node/ for what needs Node; its other files are its own business. */
import { expect, test } from "vitest";
import { importsOfSources, partOf } from "./structure.ts";

/** Parts whose single files others import, and why. */
const open: Readonly<Record<string, string>> = {
  data: "a page loads one data set or one reader, without the others",
  distill: "limbeck/methods/NAME is one method, without the table of all",
  engine: "a page loads one engine: WebAssembly, WebGPU or the plain one",
  tensor: "an operation is imported by its file where the table of all would make a circle",
};

/** Publish what they like: an entry takes single files where its index would bring more than the entry holds. */
const publishing = "entries";

test("a part is imported by its door", () => {
  const around = [...importsOfSources()].flatMap(([path, imported]) =>
    imported
      .filter((other) => !/^src\/[^/]+\/(.+\/)?index\.ts$/.test(other))
      .filter((other) => {
        const [from, to] = [partOf(path), partOf(other)];
        return to !== undefined && from !== to && from !== publishing && !Object.hasOwn(open, to);
      })
      .map((other) => `${path} imports ${other}`),
  );
  expect(around).toEqual([]);
});

test("what is open has to be: others do import its files", () => {
  const used = new Set(
    [...importsOfSources()].flatMap(([path, imported]) =>
      imported.flatMap((other) => {
        const to = partOf(other);
        return to === undefined || to === partOf(path) || other.endsWith("/index.ts") ? [] : [to];
      }),
    ),
  );
  expect(Object.keys(open).filter((part) => !used.has(part))).toEqual([]);
});
