/** @file Anybody's pictures as a data set, through the public API. */
import { spawn } from "node:child_process";
import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { checkDataset } from "../../src/data/check-dataset.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { shapes } from "../../src/data/shapes.ts";
import { withChannels } from "../../src/images/picture.ts";
import { centreView, viewOf } from "../../src/images/view.ts";
import {
  decodePicture,
  loadImages,
  readCifar10,
  type ImagesOptions,
  type ImagesProgress,
} from "../../src/entries/node.ts";
import { addFiles, folderOf, noise, pictureFile, removeFolder } from "./pictures.ts";
import { orderFile, writePictures } from "./write-pictures.ts";

const made: string[] = [];
const cache = await mkdtemp(join(tmpdir(), "limbeck-images-cache-"));
afterEach(() => Promise.all(made.splice(0).map(removeFolder)));
afterAll(() => removeFolder(cache));

async function folder(files: Readonly<Record<string, number | string | Uint8Array>>): Promise<string> {
  const path = await folderOf(files);
  made.push(path);
  return path;
}

/** Pictures `name/0.png` ... of so many, seeds from `seed` on. */
function some(name: string, count: number, seed: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}/${i}.png`, seed + i]));
}

const load = (path: string, options: Partial<ImagesOptions> = {}) => loadImages(path, { size: 8, cache, ...options });

/** Loads, and counts the pictures that were decoded. */
async function counted(path: string, options: Partial<ImagesOptions> = {}) {
  const seen: ImagesProgress[] = [];
  const dataset = await load(path, { ...options, onProgress: (progress) => seen.push(progress) });
  return { dataset, seen, decoded: seen.filter(({ step }) => step === "decoding").length };
}

test("a data set written as PNG files is the data set: the same bytes, and the same fingerprint", async () => {
  const drawn = shapes({ train: 120, test: 30 });
  // Classes of folders are in the order of their names.
  const classes = [...drawn.classes].sort();
  const dataset: Dataset = { ...drawn, classes };
  const { drawnFrom: _, ...plain } = dataset;
  const root = await folder({});
  await writePictures(plain, root);
  const { name, mean, std } = plain;
  const loaded = await load(join(root, orderFile), { size: 32, name, mean, std });
  expect(loaded.notes).toEqual([]);
  for (let i = 0; i < 120; i++) expect(loaded.train.image(i)).toEqual(plain.train.image(i));
  expect(await fingerprint(loaded)).toBe(await fingerprint(plain));
  // By folders alone, ordered by class.
  const byFolder = await load(root, { size: 32, name, mean, std });
  const order = [...plain.train.labels.keys()].sort((a, b) => plain.train.labels[a]! - plain.train.labels[b]! || a - b);
  expect(byFolder.classes).toEqual(classes);
  expect([...byFolder.train.labels]).toEqual(order.map((i) => plain.train.labels[i]));
  for (const [i, place] of order.entries()) expect(byFolder.train.image(i)).toEqual(plain.train.image(place));
});

test("CIFAR-10's own files and the same pictures as PNG files have one fingerprint", async () => {
  const layout = "cifar-10-batches-bin";
  const names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
  const record = Buffer.alloc(3073);
  const files = Object.fromEntries(
    ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"].map((name, file) => {
      const bytes = Buffer.alloc(10_000 * 3073, 17 + file);
      for (let i = 0; i < 10_000; i++) {
        record.fill((i + file) % 251, 1).writeUInt32LE(i * 6 + file, 1);
        record[0] = i % 10;
        bytes.set(record, i * 3073);
      }
      return [`${layout}/${name}.bin`, bytes] as const;
    }),
  );
  const root = await folder({ ...files, [`${layout}/batches.meta.txt`]: names.join("\n") });
  const binary = await readCifar10(root);
  const few = { ...binary, train: { ...binary.train, count: 200, labels: binary.train.labels.slice(0, 200) } };
  const small = { ...few, test: { ...binary.test, count: 40, labels: binary.test.labels.slice(0, 40) } };
  const pictures = await folder({});
  await writePictures(small, pictures);
  const loaded = await load(join(pictures, orderFile), {
    size: 32,
    name: "cifar10",
    mean: binary.mean,
    std: binary.std,
  });
  expect(await fingerprint(loaded)).toBe(await fingerprint(small));
});

test("images are the middle of what torchvision's resizing gives, from larger pictures that are there too", async () => {
  const root = await folder({ ...some("train/a", 3, 0), ...some("train/b", 3, 10), ...some("test/a", 2, 20) });
  await addFiles(root, { "train/a/tall.jpg": await noise(30, 17, 40).jpeg().toBuffer() });
  const { train, test: held, shape, classes, mean, std, source } = await load(root, { size: 9 });
  expect([shape, classes, train.count, held.count]).toEqual([[3, 9, 9], ["a", "b"], 7, 2]);
  expect(source).toBe("a folder for each class, in a folder for each split");
  const paths = ["train/a/0.png", "train/a/1.png", "train/a/2.png", "train/a/tall.jpg", "train/b/0.png"];
  for (const [i, path] of paths.entries()) {
    const picture = await decodePicture(path, await readFile(join(root, path)));
    expect(train.image(i)).toEqual(viewOf(picture, 9).pixels);
    const stored = train.stored!(i);
    expect(Math.min(stored.height, stored.width)).toBe(10);
    expect(centreView(stored, 9).pixels).toEqual(train.image(i));
  }
  // Mean and deviation of the training images, channel by channel.
  for (let channel = 0; channel < 3; channel++) {
    const values = Array.from({ length: 7 }, (_, i) => [
      ...train.image(i).subarray(channel * 81, channel * 81 + 81),
    ]).flat();
    const average = values.reduce((sum, value) => sum + value / 255, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value / 255 - average) ** 2, 0) / values.length;
    expect(mean[channel]).toBeCloseTo(average, 12);
    expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 12);
  }
});

test("grey pictures in three channels are grey, and colour in one is Pillow's L", async () => {
  const root = await folder({ ...some("train/a", 2, 0), ...some("train/b", 1, 5), "test/b/g.png": 9 });
  await addFiles(root, { "train/b/grey.png": await noise(7, 8, 8, 1).png().toBuffer() });
  const colour = await load(root);
  const grey = await load(root, { channels: 1 });
  expect([colour.shape, grey.shape]).toEqual([
    [3, 8, 8],
    [1, 8, 8],
  ]);
  const [red, green, blue] = [0, 64, 128].map((at) => [...colour.train.image(3).subarray(at, at + 64)]);
  expect([green, blue]).toEqual([red, red]);
  expect([...grey.train.image(3)]).toEqual(red);
  const picture = await decodePicture("a", await readFile(join(root, "train/a/0.png")));
  expect(grey.train.image(0)).toEqual(viewOf(withChannels(picture, 1), 8).pixels);
});

describe("division", () => {
  test("a share of each class is held out by the seed for the test, and for validation if asked", async () => {
    const root = await folder({ ...some("a", 10, 0), ...some("b", 20, 100), ...some("c", 2, 200), "d/1.png": 300 });
    const counts = ({ train, validation, test: held }: Dataset) =>
      [train, validation, held].map((split) =>
        [0, 1, 2, 3].map((c) => split?.labels.filter((l) => l === c).length ?? 0),
      );
    const first = await load(root);
    expect(counts(first)).toEqual([
      [8, 16, 1, 1],
      [0, 0, 0, 0],
      [2, 4, 1, 0],
    ]);
    const second = await load(root, { validation: 0.25, test: 0.1, seed: 1 });
    expect(counts(second)).toEqual([
      [7, 13, 1, 1],
      [2, 5, 0, 0],
      [1, 2, 1, 0],
    ]);
    expect(await fingerprint(second)).toBe(
      await fingerprint(await load(root, { validation: 0.25, test: 0.1, seed: 1 })),
    );
    expect(await fingerprint(second)).not.toBe(
      await fingerprint(await load(root, { validation: 0.25, test: 0.1, seed: 2 })),
    );
  });

  test("of training and validation pictures alone, the latter are the test images; training ones can be held out", async () => {
    const root = await folder({
      ...some("train/a", 5, 0),
      ...some("train/b", 5, 10),
      ...some("val/a", 2, 20),
      ...some("val/b", 2, 30),
    });
    const { train, validation, test: held, notes } = await load(root, { validation: 0.2 });
    expect([train.count, validation?.count, held.count]).toEqual([8, 2, 4]);
    expect(notes).toEqual([expect.stringContaining("the latter are the test images")]);
  });

  test("training pictures that are test pictures too are left out, unless they are to be kept; two classes for one are noted", async () => {
    const root = await folder({
      ...some("train/a", 4, 0),
      ...some("train/b", 4, 10),
      ...some("val/a", 2, 20),
      ...some("test/b", 2, 30),
    });
    await copyFile(join(root, "train/a/0.png"), join(root, "test/b/twin.png"));
    await copyFile(join(root, "train/a/1.png"), join(root, "val/a/twin.png"));
    await copyFile(join(root, "val/a/0.png"), join(root, "test/b/other.png"));
    await copyFile(join(root, "train/a/3.png"), join(root, "train/b/3.png"));
    const apart = await load(root);
    expect([apart.train.count, apart.validation?.count, apart.test.count]).toEqual([6, 2, 4]);
    expect(apart.notes).toEqual([
      "1 pictures for validation are there for other use too, byte for byte: left out of validation (val/a/0.png is test/b/other.png)",
      expect.stringMatching(
        /^2 pictures for training .* left out of training \(train\/a\/0.png is test\/b\/twin.png, train\/a\/1.png is val\/a\/twin.png\)$/,
      ),
      "1 training pictures are in two classes, byte for byte: train/a/3.png is train/b/3.png",
    ]);
    const kept = await load(root, { keepDuplicates: true });
    expect([kept.train.count, kept.validation?.count, kept.test.count]).toEqual([8, 3, 4]);
    expect(kept.notes.filter((note) => note.includes("kept, as asked"))).toHaveLength(2);
  });

  test("where every training picture is a test picture too, that is said, and not what follows from no pictures", async () => {
    const root = await folder(
      Object.fromEntries(["a", "b"].flatMap((name) => [...Array(6).keys()].map((i) => [`${name}/${i}.png`, 7]))),
    );
    await expect(load(root)).rejects.toMatchObject({
      code: "DATA_MISSING",
      message: expect.stringMatching(
        /no training pictures of .* are left: each of the 10 is a test or validation picture too, byte for byte \(a\/\d.png is .* and 5 more\); add/,
      ),
    });
    expect((await load(root, { keepDuplicates: true })).train.count).toBe(10);
  });

  test("pictures without classes have no labels, and say so where labels are asked for", async () => {
    const root = await folder(some("all", 10, 0));
    const dataset = await load(root, { unlabelled: true });
    expect([dataset.isLabelled, dataset.classes, dataset.train.count, dataset.train.labels.length]).toEqual([
      false,
      [],
      8,
      0,
    ]);
    expect(() => checkDataset(dataset)).toThrow(/has no labels: use a method that needs none/);
    expect(await fingerprint(dataset)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("refused", () => {
  test.each([
    ["one class", { "a/1.png": 1, "a/2.png": 2 }, {}, "DATA_FORMAT", /two or more classes, got one, a/],
    ["a size of half a pixel", { "a/1.png": 1, "b/2.png": 2 }, { size: 7.5 }, "ARGUMENT", /size should be/],
    ["two channels", { "a/1.png": 1, "b/2.png": 2 }, { channels: 2 as 1 }, "ARGUMENT", /channels should be 1 or 3/],
    ["a share of 1", { "a/1.png": 1, "b/2.png": 2 }, { validation: 1 }, "ARGUMENT", /share for validation/],
    ["a mean too few", { "a/1.png": 1, "b/2.png": 2 }, { mean: [0.5] }, "ARGUMENT", /3 numbers, one a channel, got 1/],
    [
      "nothing to test with",
      { "a/1.png": 1, "b/2.png": 2 },
      {},
      "DATA_MISSING",
      /others to test with; it holds 2 and 0/,
    ],
    ["nothing to train on", { "test/a/1.png": 1, "test/b/2.png": 2 }, {}, "DATA_MISSING", /it holds 0 and 2/],
    [
      "its own validation pictures and a share",
      { "train/a/1.png": 1, "train/b/1.png": 2, "val/a/1.png": 3, "test/a/1.png": 4 },
      { validation: 0.5 },
      "ARGUMENT",
      /1 validation pictures of its own/,
    ],
  ])("%s", async (_, files, options, code, message) => {
    await expect(load(await folder(files), options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("more classes than a data set can have, before a picture is decoded", async () => {
    const rows = Array.from({ length: 65_536 }, (_, i) => `missing.png,${i}`);
    const root = await folder({ "labels.csv": ["path,label", ...rows].join("\n") });
    const seen: string[] = [];
    await expect(load(root, { onProgress: ({ step }) => seen.push(step) })).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringMatching(/should have from 1 to 65535 classes, got 65536; join some/),
    });
    expect(seen).toEqual(["listing"]);
  });

  test("broken pictures: all of them named, or left out if asked", async () => {
    const good = await pictureFile("a.png", 99);
    const root = await folder({
      ...some("a", 6, 0),
      ...some("b", 6, 10),
      "a/cut.png": good.subarray(0, good.length / 2),
      "a/empty.jpg": "",
      "a/old.bmp": "BM",
      "b/text.gif": "hello",
    });
    const refusal = await load(root).catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: "DATA_FORMAT" });
    const { message } = refusal as Error;
    expect(message).toContain(
      "has 4 pictures that cannot be read; mend or remove them, or leave them out with skipBroken",
    );
    for (const name of ["a/cut.png", "a/empty.jpg", "a/old.bmp", "b/text.gif"])
      expect(message).toContain(`\n${name} should`);
    const dataset = await load(root, { skipBroken: true });
    expect(dataset.train.count + dataset.test.count).toBe(12);
    expect(dataset.notes[0]).toContain("4 pictures cannot be read: left out");
    // Twenty more: the message names ten of all, a file the rest.
    await addFiles(root, Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`b/bad${i}.png`, "x"])));
    const long = await load(root).catch(({ message }: Error) => message);
    const [, list] = /and 14 more, all of them in (.+)$/.exec(String(long)) ?? [];
    expect((await readFile(list!, "utf8")).trim().split("\n")).toHaveLength(24);
  });
});

describe("the cache", () => {
  const files = { ...some("a", 20, 0), ...some("b", 20, 100) };

  test("pictures are decoded once; a changed one, an added one and other settings are noticed", async () => {
    const root = await folder(files);
    const first = await counted(root);
    expect(first.decoded).toBe(40);
    expect(first.seen.at(-1)).toEqual({ step: "decoding", done: 40, total: 40 });
    const second = await counted(root);
    expect(second.decoded).toBe(0);
    expect(await fingerprint(second.dataset)).toBe(await fingerprint(first.dataset));
    await writeFile(join(root, "a/3.png"), await pictureFile("a.png", 77));
    const third = await counted(root);
    expect(third.decoded).toBe(40);
    expect(await fingerprint(third.dataset)).not.toBe(await fingerprint(first.dataset));
    await utimes(join(root, "a/4.png"), new Date(1000), new Date(1000));
    expect((await counted(root)).decoded).toBe(40);
    await addFiles(root, { "a/new.png": 500 });
    expect((await counted(root)).decoded).toBe(41);
    expect((await counted(root, { size: 10 })).decoded).toBe(41);
    expect((await counted(root)).decoded).toBe(0);
  });

  test("shards of files as they were are removed; those that are open can be read on", async () => {
    const root = await folder(files);
    const { dataset } = await counted(root);
    const before = dataset.train.image(0);
    await addFiles(root, { "a/new.png": 500 });
    await load(root);
    expect(dataset.train.image(0)).toEqual(before);
    const own = await ownFolder(root);
    expect((await readdir(own)).filter((name) => name.endsWith(".shard"))).toHaveLength(1);
  });

  test.each([
    ["a byte changed", async (path: string) => poke(path, 1000)],
    ["the end cut off", async (path: string) => truncate(path, 500)],
    ["its records changed", async (path: string) => poke(path, -60)],
    ["emptied", async (path: string) => writeFile(path, "")],
  ])("a damaged shard is made anew: %s", async (_, damage) => {
    const root = await folder(files);
    const first = await fingerprint(await load(root));
    const own = await ownFolder(root);
    const shard = (await readdir(own)).find((name) => name.endsWith(".shard"));
    await damage(join(own, shard!));
    const second = await counted(root);
    expect(second.decoded).toBe(40);
    expect(second.dataset.notes[0]).toMatch(/\.shard is damaged: its pictures are decoded again$/);
    expect(await fingerprint(second.dataset)).toBe(first);
    expect((await counted(root)).decoded).toBe(0);
  });

  test("stopped by its signal, it is gone on from", async () => {
    const root = await folder({ ...some("a", 200, 0), ...some("b", 200, 1000) });
    const stop = new AbortController();
    const stopped = load(root, {
      size: 300,
      signal: stop.signal,
      onProgress: ({ step, done }) => step === "decoding" && done === 390 && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    const { decoded } = await counted(root, { size: 300 });
    expect(decoded).toBeGreaterThan(0);
    expect(decoded).toBeLessThan(400);
  });

  test("a cache that cannot be written ends in an error that says so", async () => {
    const root = await folder(files);
    const file = join(root, "file");
    await writeFile(file, "");
    await expect(load(root, { cache: join(file, "cache") })).rejects.toMatchObject({ code: "OUTPUT" });
  });
});

/** The folder in the cache of what was loaded from here. */
async function ownFolder(root: string): Promise<string> {
  const name = (await readdir(join(cache, "images"))).find(
    (name) => name.startsWith(root.split("/").at(-1)!) && !name.endsWith(".lock"),
  );
  return join(cache, "images", name!);
}

/** Changes a byte, counted from the end if below 0. */
async function poke(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  await writeFile(path, bytes);
}

interface Printed {
  readonly sum?: string;
  readonly decoded?: number;
  readonly megabytes?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Loads in a process of its own, which is killed so many milliseconds after it began to decode, if told so. */
function child(path: string, size: number, { kill = -1, limit = "", own = cache } = {}): Promise<Printed | undefined> {
  const program = fileURLToPath(new URL("load-images-child.ts", import.meta.url));
  const command = `${limit} exec "$0" --max-old-space-size=64 "$@"`;
  const args = ["-c", command, process.execPath, program, path, own, String(size)];
  const running = spawn("bash", args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  running.stdout.on("data", (data: Buffer) => {
    text += data.toString();
    if (kill >= 0 && text.startsWith("decoding")) setTimeout(() => running.kill("SIGKILL"), kill);
  });
  return new Promise((resolve) => {
    running.once("close", () =>
      resolve(kill >= 0 ? undefined : (JSON.parse(text.trim().split("\n").at(-1)!) as Printed)),
    );
  });
}

describe("processes", { timeout: 180_000 }, () => {
  /** Plain pictures: small files, large in the cache. */
  async function plain(count: number, side: number): Promise<string> {
    const root = await folder({});
    for (let i = 0; i < count; i++) {
      const colour = { r: i % 256, g: (i >> 8) * 40, b: 90 };
      const file = await sharp({ create: { width: side, height: side, channels: 3, background: colour } })
        .png()
        .toBuffer();
      await addFiles(root, { [`${i % 2 ? "odd" : "even"}/${i}.png`]: file });
    }
    return root;
  }

  test("killed while it decodes, again and again, it ends with the bytes of one that was let be", async () => {
    const root = await plain(300, 16);
    const whole = (await child(root, 300, { own: join(root, "cache") }))!;
    expect(whole.decoded).toBe(300);
    for (const kill of [0, 100, 1000]) await child(root, 300, { kill });
    const after = (await child(root, 300))!;
    expect(after.sum).toBe(whole.sum);
  });

  test("two at once decode every picture once, and both have all", async () => {
    const root = await folder({ ...some("a", 60, 0), ...some("b", 60, 1000) });
    const both = (await Promise.all([child(root, 48), child(root, 48)])) as Printed[];
    expect(new Set(both.map(({ sum }) => sum)).size).toBe(1);
    expect(both.map(({ decoded }) => decoded).toSorted((a, b) => a! - b!)).toEqual([0, 120]);
  });

  test("a set of twice the memory that it may have is made ready and read", async () => {
    const root = await plain(1500, 16);
    const { megabytes, decoded, sum } = (await child(root, 300))!;
    expect(decoded).toBe(1500);
    // 1,500 pictures of 345 x 345 in colour take 536 MB; the process has about 190 MB, Node and sharp included.
    expect(megabytes).toBeLessThan(268);
    const again = (await child(root, 300))!;
    expect(again).toMatchObject({ decoded: 0, sum });
    expect(again.megabytes).toBeLessThan(268);
  });

  test("a full disk ends in an error that says so, and leaves nothing half written", async () => {
    const root = await plain(60, 100);
    const own = join(root, "cache");
    const full = (await child(root, 100, { own, limit: "trap '' XFSZ; ulimit -f 1000;" }))!;
    expect(full).toMatchObject({ code: "OUTPUT", message: expect.stringContaining("cannot be written: EFBIG") });
    const left = await readdir(own, { recursive: true });
    expect(left.filter((name) => name.includes(".shard"))).toEqual([]);
    expect((await child(root, 100, { own }))!.decoded).toBe(60);
  });

  test("a disk on which nothing can be written leaves no lock that others would wait for", async () => {
    const root = await plain(2, 100);
    const own = join(root, "cache");
    expect(await child(root, 100, { own, limit: "trap '' XFSZ; ulimit -f 0;" })).toMatchObject({ code: "OUTPUT" });
    expect((await readdir(own, { recursive: true })).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });

  test("pictures that vanish, shrink, grow or are written anew while others are decoded are named, never taken half", async () => {
    const root = await folder({ ...some("a", 60, 0), ...some("b", 60, 1000) });
    const names = Array.from({ length: 60 }, (_, i) => `a/${i}.png`);
    const change = (name: string, i: number): void => {
      const path = join(root, name);
      if (i % 4 === 0) rmSync(path);
      else if (i % 4 === 1) truncateSync(path, 40);
      else if (i % 4 === 2) appendFileSync(path, "more");
      else writeFileSync(path, "x");
    };
    let isChanged = false;
    const onProgress = ({ step }: ImagesProgress): void => {
      if (step !== "decoding" || isChanged) return;
      isChanged = true;
      for (const [i, name] of names.slice(20).entries()) change(name, i);
    };
    const refusal = await load(root, { onProgress }).catch((error: Error) => error);
    expect(refusal).toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringContaining("has 40 pictures that cannot"),
    });
    // Left as they are, those that were only lengthened are whole pictures.
    const { notes, train, test: held } = await load(root, { skipBroken: true });
    expect([train.count + held.count, notes[0]]).toEqual([90, expect.stringContaining("20 pictures cannot be read")]);
  });
});
