/** @file Turns of phrase that stop a reader are in no page, help text, message or docstring. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./install.ts";

/** What to say, by what not to. CONTRIBUTING.md has the list of words. */
const phrases: readonly (readonly [instead: string, of: RegExp])[] = [
  ["a teacher is any trained image classifier", /what teaches is/i],
  ["measured on the validation images", /is judged on/i],
  ["the student sees augmented images", /to say that of varied ones/i],
  ["use `none` to clear the recipe's groups", /none for no such/i],
  ["to compute logits elsewhere, then exit", /for who computes/i],
  ["nothing else uses it", /nothing else is by it/i],
  ["agrees with its teacher on", /what its teacher says of/i],
  ["within PyTorch's own thread-to-thread variation", /are to each other with other threads/i],
  ["the teacher's answer for the same mirroring", /what is said of the view/i],
  ["multiplied by", /so many times/i],
  ["external logits", /(logits|outputs) computed elsewhere/i],
  ["your own", /of one's own/i],
  ["look for", /who looks for .* finds/i],
];

const files = ["*.md", "docs/*.md", "examples/**/*.{md,yaml}", "{src,web}/**/*.{ts,tsx,html}"].flatMap((glob) =>
  globSync(glob, { cwd: repository, exclude: (path) => /node_modules|\.test\.ts$/.test(String(path)) }),
);

/** The text with each run of white space, strings' joints and comments' margins among it, as one space. */
const flowing = (text: string): string =>
  text.replaceAll(/(?:["'`]\s*\+\s*["'`]|\s+(?:\*|\/\/)?)+/g, " ").replaceAll(/ +/g, " ");

const found = (text: string): readonly string[] =>
  phrases.filter(([, of]) => of.test(flowing(text))).map(([instead, of]) => `${of.source}: say "${instead}"`);

test("no page, help text, message or docstring has one", () => {
  expect(files.length).toBeGreaterThan(500);
  const all = files
    .filter((file) => file !== "CONTRIBUTING.md" && file !== "CHANGELOG.md")
    .flatMap((file) => found(readFileSync(join(repository, file), "utf8")).map((phrase) => `${file}: ${phrase}`));
  expect(all).toEqual([]);
});

test("one that is put in is found, over the end of a line and of a string too", () => {
  expect(found("What teaches\n * is a classifier that somebody trained")).toHaveLength(1);
  expect(found('throw new Error("its logits " +\n  "computed elsewhere");')).toHaveLength(1);
  expect(found("A teacher is any trained image classifier.")).toEqual([]);
});
