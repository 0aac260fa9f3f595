/** @file The example runs as it stands, and shows what it says. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const example = fileURLToPath(new URL("../../examples/distill.ts", import.meta.url));

test("examples/distill.ts: a student with a teacher beats the same student alone", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [example]);
  const accuracies = [...stdout.matchAll(/^(.+): \d+ parameters, ([\d.]+)% of new pictures right$/gm)];
  expect(accuracies.map(([, title]) => title)).toEqual(["teacher", "student alone", "student, distilled"]);
  const [teacher, alone, distilled] = accuracies.map(([, , accuracy]) => Number(accuracy));
  expect(distilled).toBeGreaterThan(alone! + 2);
  expect(teacher).toBeGreaterThan(distilled!);
}, 300_000);

test("a newcomer reads it in one go", async () => {
  expect((await readFile(example, "utf8")).trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

test.each(["net", "loss", "bars"])("docs/your-own-code.md shows examples/modules/%s.ts as it is", async (name) => {
  const page = await readFile(new URL("../../docs/your-own-code.md", import.meta.url), "utf8");
  const file = await readFile(new URL(`../../examples/modules/${name}.ts`, import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`typescript\n${file}\`\`\``);
});
