/** @file docs/methods.md has a line for each method. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { methods, type AnyMethod } from "../../src/distill/index.ts";

test("the page has every preset with its values", () => {
  const page = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
  const lines = [...page.matchAll(/^\| `(\w+)` +\| `(\w+)`( \(default\))? +\| (.*?) +\| .*$/gm)];
  const wanted = Object.values<AnyMethod>(methods).flatMap(({ name, presets = {} }) =>
    Object.entries(presets).map(([preset, { options }], i) => {
      const values = Object.entries(options).map(([option, value]) => `\`${option}=${value}\``);
      return [name, preset, i === 0, i === 0 ? "the defaults" : values.join(" ")];
    }),
  );
  const several = wanted.filter(([name], _, all) => all.filter((other) => other[0] === name).length > 1);
  expect(lines.map(([, name, preset, isDefault, values]) => [name, preset, isDefault !== undefined, values])).toEqual(
    several,
  );
});

test("the page's table names every method, in the table's order, with the paper's address", () => {
  const page = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
  const lines = [...page.matchAll(/^\| `(\w+)` +\| [TNEOV]* +\| .*$/gm)];
  expect(lines.map(([, name]) => name)).toEqual(Object.keys(methods));
  for (const [line, name] of lines) {
    const address = methods[name as keyof typeof methods].paper?.match(/https:\S+/)?.[0];
    if (address) expect(line).toContain(`(${address})`);
  }
});
