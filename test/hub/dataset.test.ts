/** @file Image data sets of a hub: Parquet files, converted ones, and folders of pictures; their subsets, splits and classes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fits } from "../../src/data/node/hub/card.ts";
import { listPictures } from "../../src/data/node/images/list.ts";
import type { Listing } from "../../src/data/node/images/listing.ts";
import { limbeck } from "../cli/limbeck.ts";
import { photo, photoClasses } from "../cli/write-photos.ts";
import { temporaryFolder } from "../data/archive-server.ts";
import { parquetFile } from "../data/parquet-file.ts";
import { commitOf, servedHub, type HubFiles, type TestHub } from "./hub-server.ts";

let hub: TestHub;
let home: string;
let env: Readonly<Record<string, string>>;
beforeEach(async () => {
  hub = await servedHub();
  home = await temporaryFolder();
  env = { HF_ENDPOINT: hub.url, HF_HOME: home, LIMBECK_CACHE: join(home, "limbeck") };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  for (const name of ["HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

/** A file of so many pictures of each class, as `datasets` writes it, with the classes' names if wanted. */
async function parquet(count: number, first = 0, names?: readonly string[]): Promise<Uint8Array> {
  const labels = Array.from({ length: count * 3 }, (_, i) => i % 3);
  const bytes = await Promise.all(labels.map((label, i) => photo("a.png", photoClasses[label]!, first + i)));
  return parquetFile(bytes, labels, names);
}

const serve = (revisions: Readonly<Record<string, HubFiles>>): void =>
  void hub.repositories.set("somebody/photos", { type: "dataset", revisions });
const splitsOf = ({ pictures }: Listing): Readonly<Record<string, number>> => {
  const groups = Object.groupBy(pictures, ({ split = "none" }) => split);
  return Object.fromEntries(Object.entries(groups).map(([split, each]) => [split, each?.length ?? 0]));
};
const downloaded = (): readonly string[] =>
  hub.requests.flatMap((each) => /resolve\/[\da-f]+\/(.*)/.exec(each)?.[1] ?? []);

/** Front matter that names classes, and files if wanted. */
const card = (configs = ""): string => `---
license: mit
dataset_info:
  features:
    - name: image
      dtype: image
    - name: label
      dtype:
        class_label:
          names:
            '0': apple
            '1': leaf
            '2': sea
${configs}---
# Photos
`;

test("Parquet files: splits by their names, classes from README.md", async () => {
  serve({
    main: {
      "README.md": card(),
      "data/train-00000-of-00002.parquet": await parquet(4),
      "data/train-00001-of-00002.parquet": await parquet(4, 100),
      "data/validation-00000-of-00001.parquet": await parquet(2, 200),
      "data/test-00000-of-00001.parquet": await parquet(3, 300),
      "data/extra-00000-of-00001.parquet": await parquet(1, 400),
    },
  });
  const listing = await listPictures("hf:somebody/photos");
  expect(listing.classes).toEqual(["apple", "leaf", "sea"]);
  expect(splitsOf(listing)).toEqual({ train: 24, validation: 6, test: 9 });
  expect(listing.notes).toEqual(["hf:somebody/photos: of its splits, extra are left out"]);
  expect(downloaded()).not.toContain("data/extra-00000-of-00001.parquet");
  expect(await listing.pictures[0]!.read()).toEqual(new Uint8Array(await photo("a.png", photoClasses[0]!, 300)));
});

test("the classes in a Parquet file count before those of README.md", async () => {
  serve({ main: { "README.md": card(), "data/train-0.parquet": await parquet(2, 0, ["x", "y", "z"]) } });
  const listing = await listPictures("hf:somebody/photos");
  expect(listing.classes).toEqual(["x", "y", "z"]);
  expect(splitsOf(listing)).toEqual({ none: 6 }); // of one split, Limbeck holds some out
});

test("subsets of README.md, and patterns of their files", async () => {
  const configs = `configs:
  - config_name: small
    data_files:
      - split: train
        path: parts/small-*.parquet
      - split: dev
        path: [parts/held.parquet]
  - config_name: full
    data_dir: all
    data_files: "**/*.parquet"
`;
  serve({
    main: {
      "README.md": card(configs),
      "parts/small-1.parquet": await parquet(1),
      "parts/held.parquet": await parquet(2),
      "all/a/b.parquet": await parquet(3),
    },
  });
  await expect(listPictures("hf:somebody/photos")).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(/has the subsets small, full; name one: hf:somebody\/photos:small/),
  });
  expect(splitsOf(await listPictures("hf:somebody/photos:small"))).toEqual({ train: 3, validation: 6 });
  expect(splitsOf(await listPictures("hf:somebody/photos:full"))).toEqual({ none: 9 });
  await expect(listPictures("hf:somebody/photos:large")).rejects.toMatchObject({
    code: "DATA_MISSING",
    message: expect.stringContaining("no subset large; it has small, full"),
  });
});

test("what the hub converted is read from its branch", async () => {
  serve({
    main: { "README.md": "# A script makes it", "photos.py": "x" },
    "refs/convert/parquet": {
      "default/train/0000.parquet": await parquet(2, 0, ["a", "b", "c"]),
      "default/partial-test/0000.parquet": await parquet(1, 50, ["a", "b", "c"]),
      "other/train/0000.parquet": await parquet(1),
    },
  });
  const listing = await listPictures("hf:somebody/photos");
  expect(listing.classes).toEqual(["a", "b", "c"]);
  expect(splitsOf(listing)).toEqual({ train: 6, test: 3 });
  expect(splitsOf(await listPictures("hf:somebody/photos:other"))).toEqual({ none: 3 });
});

test("folders of pictures, whose names are classes and splits", async () => {
  const files: Record<string, Uint8Array> = {};
  for (const [i, kind] of photoClasses.entries())
    for (const split of ["train", "test"])
      for (let j = 0; j < 3; j++) files[`data/${split}/${kind}/${j}.png`] = await photo("a.png", kind, i * 10 + j);
  serve({ main: { "README.md": "# Photos", ".gitattributes": "x", ...files } });
  const listing = await listPictures("hf:somebody/photos");
  expect(listing.classes).toEqual(photoClasses);
  expect(splitsOf(listing)).toEqual({ train: 9, test: 9 });
  expect(listing.notes).toEqual([]);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  expect(splitsOf(await listPictures("hf:somebody/photos"))).toEqual({ train: 9, test: 9 });
});

test("of a data set that is there in part, nothing is used without the hub", async () => {
  const files = {
    "README.md": card(),
    "data/train-0.parquet": await parquet(30),
    "data/test-0.parquet": await parquet(30, 100),
  };
  serve({ main: files });
  hub.beforeFile = (_, response, bytes) => {
    if (hub.requests.filter((each) => each.startsWith("CDN")).length === 1) return false;
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100), () => setTimeout(() => response.destroy(), 20));
    return true;
  };
  await expect(listPictures("hf:somebody/photos")).rejects.toMatchObject({ code: "DOWNLOAD" });
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  await expect(listPictures(`hf:somebody/photos@${commitOf(files)}`)).rejects.toMatchObject({
    code: "DATA_MISSING",
    message: expect.stringMatching(/has no data\/(train|test)-0\.parquet in the cache/),
  });
});

test.each([
  [{ "README.md": "# Text" }, "DATA_MISSING", /should hold Parquet files, tar shards or pictures; it holds README\.md/],
  [
    { "README.md": "---\n: [\n---", "data/train.parquet": "PAR1" },
    "DATA_FORMAT",
    /README\.md: its front matter should be YAML/,
  ],
  [
    { "data/one-0.parquet": "PAR1", "data/two-0.parquet": "PAR1" },
    "ARGUMENT",
    /has the splits one, two, and none is called train/,
  ],
  [{ "data/train-0.parquet": "PAR1" }, "DATA_FORMAT", /should be a Parquet file/],
] as const)("%j is refused", async (files, code, text) => {
  serve({ main: files });
  await expect(listPictures("hf:somebody/photos")).rejects.toMatchObject({
    code,
    message: expect.stringMatching(text),
  });
});

test.each([
  ["data/train-*", "data/train-0.parquet", true],
  ["data/train-*", "data/a/train-0.parquet", false],
  ["**/*.parquet", "a.parquet", true],
  ["**/*.parquet", "a/b/c.parquet", true],
  ["a+b(?).png", "a+b(c).png", true],
  ["a.png", "aXpng", false],
])("%s and %s", (pattern, path, expected) => {
  expect(fits(pattern, path)).toBe(expected);
});

test("train, evaluate and resume: the run keeps the commit", async () => {
  const files = {
    "README.md": card(),
    "data/train-0.parquet": await parquet(8),
    "data/test-0.parquet": await parquet(4, 500),
  };
  serve({ main: files });
  const run = (line: string) => limbeck(line.split(" "), { cwd: home, env });
  const settings = "--model resnet8 --size 8 --batch-size 16 --threads 1 --epochs 4 --extendable";
  const trained = await run(`train hf:somebody/photos ${settings} --out runs/a`);
  expect(trained.code, trained.stderr).toBe(0);
  const config = JSON.parse(await readFile(join(home, "runs/a/config.json"), "utf8"));
  expect(config.dataset).toBe(`hf:somebody/photos@${commitOf(files)}`);
  serve({ main: { ...files, "data/train-1.parquet": await parquet(8, 900) }, old: files });
  const resumed = await run("train --resume runs/a --epochs 5");
  expect(resumed.code, resumed.stderr).toBe(0);
  const evaluated = await run("evaluate runs/a");
  expect(evaluated.stdout + evaluated.stderr).toMatch(/12 (test )?images/);
  const other = await run("evaluate runs/a hf:somebody/photos@old");
  expect(other.code, other.stderr).toBe(0);
  const student = await run(
    `distill hf:somebody/photos --teacher runs/a --student resnet8 --size 8 --threads 1 --epochs 1 --force --out runs/b`,
  );
  expect(student.code, student.stderr).toBe(0);
});
