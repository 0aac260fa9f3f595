import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cifar10, cifar100, parseBatches, parseClasses } from "../../src/data/cifar.ts";
import { datasets, loadDataset } from "../../src/data/index.ts";
import { writeChecksums } from "../../src/data/node/checksums.ts";
import { cifar100Archive, readCifar, readCifar10, readCifar100 } from "../../src/data/node/cifar-folder.ts";
import { pixelsOf, type Split } from "../../src/data/dataset.ts";
import { describeWithPhotographs, photographs } from "../photographs.ts";
import { temporaryFolder } from "./archive-server.ts";

const failure = (code: string, message: RegExp): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** Records whose label is their number modulo ten and whose pixels are all their number. */
function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 3073);
  for (let i = 0; i < count; i++) bytes.fill(i, i * 3073 + 1, (i + 1) * 3073)[i * 3073] = i % 10;
  return bytes;
}

describe("batch files", () => {
  it("become images and labels, in the order of the files", () => {
    const split = parseBatches(
      cifar10,
      ["a", "b"].map((file) => ({ file, bytes: records(12) })),
      12,
    );
    expect(split.count).toBe(24);
    expect([...split.labels.subarray(10, 14)]).toEqual([0, 1, 0, 1]);
    expect(split.image(13)).toEqual(new Uint8Array(3072).fill(1));
  });

  it.each([
    [
      "cut within an image",
      records(12).subarray(0, -1),
      /a\.bin should be 36876 bytes .* got 36875: .* after 11 whole/,
    ],
    ["cut between images", records(11), /got 33803: it is cut short after 11 whole images/],
    ["empty", new Uint8Array(0), /got 0/],
    ["too long", records(13), /got 39949: there are 3073 bytes too many/],
  ])("are refused when %s", (_, bytes, message) => {
    expect(() => parseBatches(cifar10, [{ file: "a.bin", bytes }], 12)).toThrow(failure("DATA_FORMAT", message));
  });

  it("are refused with a label that is no class", () => {
    const bytes = records(12);
    bytes[3 * 3073] = 10;
    const message = /a\.bin: the label of image 3 \(byte 9219\) should be 0 to 9, got 10/;
    expect(() => parseBatches(cifar10, [{ file: "a.bin", bytes }], 12)).toThrow(failure("DATA_FORMAT", message));
  });
});

describe("class names", () => {
  const parse = (text: string): string[] =>
    parseClasses(cifar10, { file: "batches.meta.txt", bytes: Buffer.from(text) });

  it("are ten lines, blank ones and Windows' line ends aside", () => {
    expect(parse("a\r\nb\r\nc\nd\ne\nf\ng\nh\ni\nj\n\n")).toEqual([..."abcdefghij"]);
  });

  it("are refused where a terminal would obey them, or that nobody could tell apart", () => {
    const named = (name: string): string => `${[..."abcdefghi"].join("\n")}\n${name}\n`;
    for (const name of ["\u001B[2Jcat", "c\u0007at", "c\u009B31mat", "cat\u202Etac", "c\rat", "\0"]) {
      expect(() => parse(named(name)), JSON.stringify(name)).toThrow(
        failure(
          "DATA_FORMAT",
          /^batches\.meta\.txt should name classes by characters that can be shown, got [^\p{Cc}\u202E]+; copy/u,
        ),
      );
    }
    expect(() => parse(named("a"))).toThrow(failure("DATA_FORMAT", /another name, got a for 0 and 9/));
    expect(parse(named("Katze 猫 🐈")).at(-1)).toBe("Katze 猫 🐈");
    const invalid = Buffer.concat([Buffer.from(named("a")), Buffer.of(0xff)]);
    expect(() => parseClasses(cifar10, { file: "batches.meta.txt", bytes: invalid })).toThrow(
      failure("DATA_FORMAT", /UTF-8/),
    );
  });

  it("are refused when there are not ten", () => {
    expect(() => parse("cat\ndog\n")).toThrow(failure("DATA_FORMAT", /batches\.meta\.txt should name 10 .* got 2/));
  });
});

describe("the table of data sets", () => {
  it("names the nearest for one that is not there", async () => {
    await expect(loadDataset("cifar-10")).rejects.toEqual(failure("UNKNOWN_NAME", /did you mean cifar10/));
    await expect(loadDataset("toString")).rejects.toEqual(failure("UNKNOWN_NAME", /shapes, cifar10, cifar100/));
  });

  it("loads the embedded shapes whole, and by its seed", async () => {
    const whole = await datasets.shapes.load();
    expect([whole.train.count, whole.test.count]).toEqual([8192, 2000]);
    const first = (await loadDataset("shapes", { limit: 10 })).train;
    expect(first.count).toBe(10);
    expect(pixelsOf(first)).toEqual(pixelsOf(whole.train).slice(0, 30_720));
    const others = (await loadDataset("shapes", { limit: 10, seed: 1 })).train;
    expect(pixelsOf(others)).not.toEqual(pixelsOf(first));
  });

  it.each(["shapes", "cifar10", "cifar100"])("refuses to load %s with a limit of no images", async (name) => {
    const dir = await temporaryFolder();
    await expect(loadDataset(name, { dir, limit: 0 })).rejects.toEqual(failure("ARGUMENT", /limit .* got 0/));
  });
});

describe("a data folder", () => {
  it("that is not there, or a file, is named, with where to get the data", async () => {
    const folder = await temporaryFolder();
    const missing = join(folder, "nothing");
    await expect(readCifar10(missing)).rejects.toEqual(
      failure("DATA_MISSING", /nothing does not exist.*cifar-10-binary/),
    );
    writeFileSync(missing, "");
    await expect(readCifar10(missing)).rejects.toEqual(failure("DATA_MISSING", /cannot be read as a folder/));
  });

  it("without the batches is told what it lacks and what it holds", async () => {
    const folder = await temporaryFolder();
    for (const name of ["data_batch_1.bin", "notes.txt", "batches.meta.txt"]) writeFileSync(join(folder, name), "");
    await expect(readCifar10(folder)).rejects.toEqual(
      failure(
        "DATA_MISSING",
        /lacks data_batch_2\.bin, .*test_batch\.bin in .* holds batches\.meta\.txt, data_batch_1\.bin, notes\.txt/,
      ),
    );
  });
});

describe("CIFAR-100", () => {
  const layout = { ...cifar100, imagesPerTrainFile: 7, imagesPerTestFile: 4 };
  const names = Array.from({ length: 100 }, (_, i) => `class ${i}`).join("\n");

  /** Records of a coarse label, a fine label from `first` on, and pixels that are all the fine label. */
  function fineRecords(count: number, first: number): Uint8Array {
    const bytes = new Uint8Array(count * 3074);
    for (let i = 0; i < count; i++) bytes.fill(first + i, i * 3074 + 1, (i + 1) * 3074)[i * 3074] = 19;
    return bytes;
  }

  async function smallFolder(): Promise<{ parent: string; folder: string }> {
    const parent = await temporaryFolder();
    const folder = join(parent, "cifar-100-binary");
    await mkdir(folder);
    writeFileSync(join(folder, "train.bin"), fineRecords(7, 93));
    writeFileSync(join(folder, "test.bin"), fineRecords(4, 0));
    writeFileSync(join(folder, "fine_label_names.txt"), `${names}\n`);
    return { parent, folder };
  }
  const load = (dir: string) => readCifar(layout, cifar100Archive, dir);

  it("takes the second of two label bytes, and the names of the fine classes", async () => {
    const { parent, folder } = await smallFolder();
    const { name, train, test, classes, mean } = await load(parent);
    expect(pixelsOf((await load(folder)).train)).toEqual(pixelsOf(train));
    expect({ name, first: classes[0], last: classes[99], mean }).toEqual({
      name: "cifar100",
      first: "class 0",
      last: "class 99",
      mean: [0.5071, 0.4867, 0.4408],
    });
    expect([...train.labels]).toEqual([93, 94, 95, 96, 97, 98, 99]);
    expect([...test.labels]).toEqual([0, 1, 2, 3]);
    expect(train.image(1)).toEqual(new Uint8Array(3072).fill(94));
  });

  it("is refused where a file is cut short, holds a label that is no class, or is another's", async () => {
    const { folder } = await smallFolder();
    const write = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(folder, name), bytes);
    write("train.bin", fineRecords(7, 93).subarray(0, -1));
    await expect(load(folder)).rejects.toEqual(
      failure(
        "DATA_FORMAT",
        /train\.bin should be 21518 bytes \(7 images of 3074\), got 21517: .* after 6 whole .*CIFAR-100/,
      ),
    );
    write("train.bin", fineRecords(7, 94));
    await expect(load(folder)).rejects.toEqual(
      failure("DATA_FORMAT", /train\.bin: the label of image 6 \(byte 18445\) should be 0 to 99, got 100/),
    );
    write("train.bin", fineRecords(7, 93));
    write("fine_label_names.txt", "apple\n");
    await expect(load(folder)).rejects.toEqual(failure("DATA_FORMAT", /should name 100 classes, one a line, got 1/));
    rmSync(join(folder, "test.bin"));
    await expect(load(folder)).rejects.toEqual(
      failure("DATA_MISSING", /CIFAR-100 lacks test\.bin in .*cifar-100-binary/),
    );
  });

  it("that was unpacked is refused when a single bit of it has changed since", async () => {
    const { folder } = await smallFolder();
    const files = ["train.bin", "test.bin", "fine_label_names.txt"];
    await writeChecksums(folder, files);
    expect((await load(folder)).train.count).toBe(7);
    for (const name of files) {
      const whole = readFileSync(join(folder, name));
      const changed = Buffer.from(whole);
      changed[100]! ^= 1;
      writeFileSync(join(folder, name), changed);
      await expect(load(folder)).rejects.toEqual(
        failure("CHECKSUM", new RegExp(`${name} should have the SHA-256 .*remove`)),
      );
      writeFileSync(join(folder, name), whole);
    }
  });

  it("is refused where a file is no file, or more than a file of names", async () => {
    const { folder } = await smallFolder();
    const path = (name: string): string => join(folder, name);
    const refused = async (name: string, message: RegExp): Promise<void> => {
      await expect(load(folder)).rejects.toEqual(
        failure("DATA_MISSING", new RegExp(`${name} cannot be read: .*${message.source}`)),
      );
      rmSync(path(name), { recursive: true });
    };
    for (const [name, bytes] of [
      ["train.bin", fineRecords(7, 93)],
      ["test.bin", fineRecords(4, 0)],
      ["fine_label_names.txt", `${names}\n`],
    ] as const) {
      rmSync(path(name));
      await mkdir(path(name));
      await refused(name, /folder/);
      symlinkSync(name, path(name)); // to itself
      await refused(name, /ELOOP/);
      if (process.platform === "linux") {
        symlinkSync("/dev/zero", path(name));
        await refused(name, /a pipe or a device/);
        execFileSync("mkfifo", [path(name)]);
        await refused(name, /a pipe or a device/);
      }
      writeFileSync(path(name), bytes);
    }
    writeFileSync(path("fine_label_names.txt"), "");
    truncateSync(path("fine_label_names.txt"), 2 ** 40);
    await refused("fine_label_names.txt", /at most 65536 bytes, got 1099511627776/);
  });

  it.skipIf(process.getuid?.() === 0)("is refused where a file may not be read (root may read all)", async () => {
    const { folder } = await smallFolder();
    chmodSync(join(folder, "train.bin"), 0);
    await expect(load(folder)).rejects.toEqual(failure("DATA_MISSING", /train\.bin cannot be read: EACCES/));
  });

  it("expects the sizes of the published files", async () => {
    const { folder } = await smallFolder();
    await expect(readCifar100(folder)).rejects.toEqual(
      failure("DATA_FORMAT", /train\.bin should be 153700000 bytes \(50000 images of 3074\)/),
    );
    expect(cifar100Archive.files).toMatchObject({ "train.bin": 153_700_000, "test.bin": 30_740_000 });
  });
});

describeWithPhotographs("the 60,000 photographs", () => {
  const files = ["batches.meta.txt", "test_batch.bin", ...[1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`)];

  /** A folder, named as the archive unpacks, with links to the photographs. */
  async function linkedFolder(): Promise<{ parent: string; folder: string }> {
    const parent = await temporaryFolder();
    const folder = join(parent, "cifar-10-batches-bin");
    await mkdir(folder);
    for (const file of files) symlinkSync(join(photographs!, file), join(folder, file));
    return { parent, folder };
  }

  it("are 50,000 and 10,000, as many of each class, wherever the folder is given", async () => {
    const { parent } = await linkedFolder();
    const { train, test, classes, shape } = await readCifar10(parent);
    const perClass = ({ labels }: Split): number[] => {
      const counts = new Array<number>(10).fill(0);
      for (const label of labels) counts[label]!++;
      return counts;
    };
    expect(perClass(train)).toEqual(new Array(10).fill(5000));
    expect(perClass(test)).toEqual(new Array(10).fill(1000));
    expect([pixelsOf(train).length, pixelsOf(test).length]).toEqual([50_000 * 3072, 10_000 * 3072]);
    expect({ shape, first: classes[0], last: classes[9] }).toEqual({
      shape: [3, 32, 32],
      first: "airplane",
      last: "truck",
    });
  });

  it("are refused with a batch missing, cut short or too long", async () => {
    const { folder } = await linkedFolder();
    const batch = join(folder, "data_batch_3.bin");
    rmSync(batch);
    await expect(readCifar10(folder)).rejects.toEqual(failure("DATA_MISSING", /lacks data_batch_3\.bin in/));
    symlinkSync(join(folder, "nowhere"), batch);
    await expect(readCifar10(folder)).rejects.toEqual(failure("DATA_MISSING", /data_batch_3\.bin cannot be read/));
    rmSync(batch);
    writeFileSync(batch, "");
    for (const size of [30_729_999, 30_730_001]) {
      truncateSync(batch, size);
      await expect(readCifar10(folder)).rejects.toEqual(
        failure("DATA_FORMAT", new RegExp(`data_batch_3\\.bin .*${size}`)),
      );
    }
  });
});
