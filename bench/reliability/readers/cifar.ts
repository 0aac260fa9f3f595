/** @file Attacks the readers of CIFAR's binary layout: batches, class names, and whole folders. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cifar10, parseBatches, parseClasses, type CifarLayout } from "../../../src/data/cifar.ts";
import { pixelsOf, type Dataset, type Split } from "../../../src/data/dataset.ts";
import { cifar10Archive, readCifar } from "../../../src/data/node/cifar-folder.ts";
import type { Stream } from "../../../src/data/stream.ts";
import { mutateBytes, pick } from "../mutate.ts";
import { sameBytes, type Target } from "./target.ts";

const record = 3073;
const layout: CifarLayout = { ...cifar10, imagesPerTrainFile: 3, imagesPerTestFile: 2 };

/** So many records with labels and pixels by their number. */
function batch(images: number): Uint8Array {
  const bytes = new Uint8Array(images * record);
  for (let i = 0; i < images; i++) bytes.fill(i, i * record + 1, (i + 1) * record)[i * record] = i % 10;
  return bytes;
}
const classes = Buffer.from(`${Array.from({ length: 10 }, (_, i) => `class ${i}`).join("\n")}\n`);
const valid: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(layout.trainFiles.map((name) => [name, batch(3)])),
  [layout.testFile]: batch(2),
  [layout.classesFile]: classes,
};

export const cifarTarget: Target = {
  name: "CIFAR batches",
  share: 15,
  attempt(random) {
    const bytes = [mutateBytes(batch(3), random), batch(3)];
    const split = parseBatches(
      layout,
      bytes.map((each, i) => ({ file: `${i}.bin`, bytes: each })),
      3,
    );
    return splitDifference(split, bytes);
  },
};

export const classesTarget: Target = {
  name: "class names",
  share: 8,
  attempt(random) {
    const bytes = mutateBytes(classes, random);
    return namesDifference(parseClasses(layout, { file: "names.txt", bytes }), bytes);
  },
};

export const cifarFolderTarget: Target = {
  name: "CIFAR folder",
  share: 2,
  async attempt(random) {
    const folder = mkdtempSync(join(tmpdir(), "limbeck-readers-"));
    try {
      const files = { ...valid };
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
      const name = pick(random, Object.keys(files));
      const left = damageFile(join(folder, name), files[name]!, random);
      if (left) files[name] = left;
      const read = await readCifar(layout, cifar10Archive, folder);
      return left ? folderDifference(read, files) : `${name} is no file, and was read`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Puts something else in the file's place; returns its bytes, if it still is a file. */
function damageFile(path: string, bytes: Uint8Array, random: Stream): Uint8Array | undefined {
  const kind = random.below(8);
  if (kind < 3) {
    const damaged = mutateBytes(bytes, random);
    writeFileSync(path, damaged);
    return damaged;
  }
  rmSync(path);
  if (kind === 4) mkdirSync(path);
  if (kind === 5) symlinkSync(pick(random, [path, "nowhere", "."]), path);
  if (kind === 6 && process.platform === "linux") symlinkSync(pick(random, ["/dev/zero", "/dev/null"]), path);
  if (kind === 7) {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
  }
  if (kind === 3 && process.platform === "linux" && random.below(10) === 0) execFileSync("mkfifo", [path]);
  return undefined;
}

function folderDifference({ train, test, classes: names }: Dataset, files: Readonly<Record<string, Uint8Array>>) {
  return (
    splitDifference(
      train,
      layout.trainFiles.map((name) => files[name]!),
    ) ??
    splitDifference(test, [files[layout.testFile]!]) ??
    namesDifference(names, files[layout.classesFile]!)
  );
}

function splitDifference(split: Split, files: readonly Uint8Array[]): string | undefined {
  const all = Buffer.concat(files);
  if (all.length !== split.count * record) return `${split.count} images of ${all.length} bytes`;
  const pixels = pixelsOf(split);
  for (let i = 0; i < split.count; i++) {
    const label = split.labels[i]!;
    if (label !== all[i * record] || label >= 10) return `image ${i} has the label ${label}`;
    const stored = all.subarray(i * record + 1, (i + 1) * record);
    if (!sameBytes(pixels.subarray(i * 3072, (i + 1) * 3072), stored)) return `image ${i} has other pixels`;
  }
  return undefined;
}

function namesDifference(names: readonly string[], bytes: Uint8Array): string | undefined {
  if (new Set(names).size !== 10) return `${new Set(names).size} names`;
  if (names.some((name) => /(?!\t)[\p{Cc}\u202E]/u.test(name))) return "control characters";
  const lines = Buffer.from(bytes).toString("utf8").split("\n");
  return names.every((name) => lines.some((line) => line.includes(name)))
    ? undefined
    : "names that are not in the file";
}
