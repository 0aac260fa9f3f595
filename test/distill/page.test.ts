/** @file docs/methods.md has a line for each method. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { methods } from "../../src/distill/index.ts";

test("the page's table names every method, in the table's order, with the paper's address", () => {
  const page = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
  const lines = [...page.matchAll(/^\| `(\w+)` .*$/gm)];
  expect(lines.map(([, name]) => name)).toEqual(Object.keys(methods));
  for (const [line, name] of lines) {
    const address = methods[name as keyof typeof methods].paper.match(/https:\S+/)?.[0];
    if (address) expect(line).toContain(`(${address})`);
  }
});
