/** @file Every file and every name of the code that the pages give is there. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./install.ts";

const pages = ["README.md", "CONTRIBUTING.md", ...globSync("docs/*.md", { cwd: repository })];
const textOf = (page: string): string => readFileSync(join(repository, page), "utf8");
/** Without blocks of code, whose names are run, or a user's own. */
const proseOf = (page: string): string => textOf(page).replaceAll(/^( *)```[\s\S]*?^\1```/gm, "");

/** As GitHub names a heading. */
function anchors(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\d _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(pages)("%s links to files and headings that are there", (page) => {
  const links = [...proseOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const missing = links.filter(([, path, anchor]) => {
    const target = path === "" ? page : join(dirname(page), path!);
    return !existsSync(join(repository, target)) || (anchor && !anchors(target).includes(anchor));
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

test.each(pages)("%s names paths that are there", (page) => {
  const paths = [...proseOf(page).matchAll(/`((?:src|test|bench|web|docs|examples)\/[\w./-]*)`/g)];
  expect(
    paths.map(([, path]) => path!).filter((path) => !/NAME/.test(path) && !existsSync(join(repository, path))),
  ).toEqual([]);
});

test("docs/studies.md shows the example study as it is", () => {
  const [, shown] = /\(\.\.\/examples\/study\.yaml\):\n\n```yaml\n([^`]+)```/.exec(textOf("docs/studies.md")) ?? [];
  expect(shown).toBe(textOf("examples/study.yaml").replaceAll(/^#.*\n/gm, ""));
});

test("each walk through the sources is short: twelve files at most, none twice", () => {
  const text = textOf("docs/architecture.md");
  const walks = text
    .slice(text.indexOf("\n## Five walks"))
    .split(/\n(?=\*\*)/)
    .slice(1);
  expect(walks).toHaveLength(5);
  for (const walk of walks) {
    const files = [...walk.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path);
    expect(files.length, walk).toBeLessThanOrEqual(12);
    expect(new Set(files).size, walk).toBe(files.length);
  }
});

/** Every word of the sources. */
const words = new Set(
  globSync(["{src,test,web,bench}/**/*.{ts,tsx,js,html,py}", "package.json"], {
    cwd: repository,
    exclude: (path) => /node_modules|\.test\.ts$/.test(String(path)),
  })
    .map((file) => readFileSync(join(repository, file), "utf8"))
    .flatMap((text) => text.match(/[\w$]+/g) ?? []),
);

test.each(pages)("%s names functions, types and fields that are there", (page) => {
  // Of two words or more in one, as names in code are: `trainEpoch`, `Dataset.classNames`.
  const names = [...proseOf(page).matchAll(/`([\w$.]*[a-z][A-Z][\w$.]*)(?:\([^`]*\))?`/g)].flatMap(([, name]) =>
    name!.split("."),
  );
  expect(names.filter((name) => !words.has(name))).toEqual([]);
});

test("a name that is not there would be found", () => {
  expect(words.has("trainEpoch")).toBe(true);
  expect(words.has("trainEpok")).toBe(false);
});
