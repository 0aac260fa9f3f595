/** @file Every kind of source, as people have them: what is found, in which order, and what is refused. */
import { parquetWriteBuffer } from "hyparquet-writer";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { listPictures } from "../../src/data/node/images/list.ts";
import { faultOf, type Listing } from "../../src/data/node/images/listing.ts";
import { folderOf, pictureFile, removeFolder } from "./pictures.ts";
import { parquetFile } from "./parquet-file.ts";
import { tar, tarEntry } from "./tar-file.ts";

const made: string[] = [];
afterEach(() => Promise.all(made.splice(0).map(removeFolder)));

async function folder(files: Readonly<Record<string, number | string | Uint8Array>>): Promise<string> {
  const path = await folderOf(files);
  made.push(path);
  return path;
}

/** Places with their classes and splits. */
function rows({ classes, pictures }: Listing): string[] {
  return pictures.map(({ place, label, split }) =>
    [place, label === undefined ? "-" : classes[label], ...(split ? [split] : [])].join(" "),
  );
}

describe("folders", () => {
  test("a folder for each class, numbered and gone through as torchvision's ImageFolder", async () => {
    const root = await folder({
      "b/2.png": 1,
      "b/10.png": 2,
      "b/deep/er/x.jpg": 3,
      "b/deep-er/y.jpg": 4,
      "B/1.webp": 5,
      "a/1.gif": 6,
      "a/notes.txt": "no picture",
      "a/.hidden.png": 7,
      "é/1.png": 8,
      "\u{1f600}/1.png": 9,
      "\uff00/1.png": 10,
    });
    const listing = await listPictures(root);
    expect(listing.kind).toBe("a folder for each class");
    // Python sorts by code points: letters in capitals first, what is beyond 16 bits last.
    expect(listing.classes).toEqual(["B", "a", "b", "é", "\uff00", "\u{1f600}"]);
    expect(rows(listing)).toEqual([
      "B/1.webp B",
      "a/1.gif a",
      "b/10.png b",
      "b/2.png b",
      "b/deep-er/y.jpg b",
      "b/deep/er/x.jpg b",
      "é/1.png é",
      "\uff00/1.png \uff00",
      "\u{1f600}/1.png \u{1f600}",
    ]);
    expect(listing.notes).toEqual([]);
  });

  test.each([
    ["train", "val", "test"],
    ["training", "valid", "testing"],
    ["Train", "Validation", "TEST"],
  ])("folders for splits: %s, %s, %s", async (train, validation, test) => {
    const root = await folder({
      [`${train}/cat/1.png`]: 1,
      [`${train}/dog/1.png`]: 2,
      [`${validation}/dog/2.png`]: 3,
      [`${test}/ant/3.png`]: 4,
      "stray.png": 5,
    });
    await mkdir(join(root, train, "bee"));
    const listing = await listPictures(root);
    expect(listing.classes).toEqual(["ant", "bee", "cat", "dog"]);
    expect(rows(listing).toSorted()).toEqual(
      [
        `${train}/cat/1.png cat train`,
        `${train}/dog/1.png dog train`,
        `${validation}/dog/2.png dog validation`,
        `${test}/ant/3.png ant test`,
      ].toSorted(),
    );
    expect(listing.notes).toEqual([
      "left out, because they lie in no folder of a class: stray.png",
      expect.stringContaining("no pictures in the folders of bee"),
    ]);
  });

  test("a class may be called train where other classes lie beside it", async () => {
    const { classes } = await listPictures(await folder({ "train/1.png": 1, "bus/1.png": 2, "car/1.png": 3 }));
    expect(classes).toEqual(["bus", "car", "train"]);
  });

  test("pictures without folders, and all pictures if told so, have no class", async () => {
    const flat = await listPictures(await folder({ "1.png": 1, "2.jpg": 2 }));
    expect([flat.kind, flat.classes, rows(flat)]).toEqual(["pictures without classes", [], ["1.png -", "2.jpg -"]]);
    const root = await folder({ "train/1.png": 1, "val/deep/2.png": 2 });
    expect(rows(await listPictures(root, { unlabelled: true }))).toEqual([
      "train/1.png - train",
      "val/deep/2.png - validation",
    ]);
  });

  test("links are followed; one that leads in a circle, or to a folder that is there already, is noted", async () => {
    const root = await folder({ "a/1.png": 1, "b/2.png": 2 });
    await symlink(root, join(root, "b", "around"));
    await symlink(join(root, "a"), join(root, "0"));
    await symlink(join(root, "a", "1.png"), join(root, "b", "3.png"));
    await symlink(join(root, "nowhere.png"), join(root, "b", "4.png"));
    const listing = await listPictures(root);
    expect(rows(listing)).toEqual(["a/1.png a", "b/2.png b", "b/3.png b", "b/4.png b"]);
    expect(listing.notes).toEqual([
      "0 is a link to a folder that is listed already: left out",
      "b/around is a link to a folder that is listed already: left out",
    ]);
    await expect(listing.pictures[3]!.read()).rejects.toThrow("ENOENT");
  });

  test("a file that is written anew between listing and reading is no longer what was listed", async () => {
    const root = await folder({ "a/1.png": 1 });
    const { pictures } = await listPictures(root);
    await writeFile(join(root, "a/1.png"), "short");
    await expect(pictures[0]!.read()).rejects.toThrow("changed since it was listed");
  });

  test("names that would be another line, or no text, are shown in one line or refused", async () => {
    const root = await folder({ "a/1\n2.png": 1, "b/3\u001b[31m.png": 2 });
    const { pictures } = await listPictures(root);
    expect(pictures.map(({ place }) => place)).toEqual(["a/1\uFFFD2.png", "b/3\uFFFD[31m.png"]);
    expect(await pictures[0]!.read()).toEqual(new Uint8Array(await pictureFile("a.png", 1)));
    await expect(listPictures(await folder({ "a\nb/1.png": 1, "c/1.png": 2 }))).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringMatching(/should name classes by characters that can be shown, got "a\\nb"; rename it$/),
    });
  });

  test.skipIf(process.platform !== "linux")("names that are not in UTF-8 are said to be so", async () => {
    const root = await folder({ "a/1.png": 1 });
    const odd = Buffer.concat([Buffer.from(join(root, "a/")), Buffer.of(0xe9)]);
    await writeFile(Buffer.concat([odd, Buffer.from(".png")]), "x");
    const { pictures } = await listPictures(root);
    const refusal = await pictures[1]!.read().catch(faultOf);
    expect(refusal).toBe("its name is not in UTF-8; rename it");
    await mkdir(odd);
    await expect(listPictures(root)).rejects.toMatchObject({
      code: "DATA_MISSING",
      message: expect.stringMatching(/its name is not in UTF-8; rename it/),
    });
  });

  test.each([
    ["nothing", {}, "DATA_MISSING", /should hold pictures .* it holds nothing$/],
    ["no pictures", { "readme.txt": "x", "a/b.doc": "x" }, "DATA_MISSING", /it holds a\/, readme.txt, a\/b.doc$/],
    [
      "splits and others",
      { "train/1.png": 1, "val/1.png": 2, "extra/1.png": 3 },
      "ARGUMENT",
      /train, val are named as splits, and extra are not/,
    ],
    ["one split twice", { "val/1.png": 1, "valid/1.png": 2 }, "ARGUMENT", /more than one for the same/],
  ])("%s: refused", async (_, files, code, message) => {
    await expect(listPictures(await folder(files))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("a path that is not there", async () => {
    await expect(listPictures("/no/such/folder")).rejects.toMatchObject({ code: "DATA_MISSING" });
  });
});

describe("tables", () => {
  const pictures = { "p/1.png": 1, "p/2.png": 2, "p/3.png": 3 };

  test("CSV, with a mark of byte order, quotes and a column of splits", async () => {
    const csv = '\uFEFFfile_name,Label,split\np/1.png,"cat, big",train\n\np/2.png,ant,val\np/3.png,ant,\n';
    const root = await folder({ ...pictures, "metadata.csv": csv });
    const listing = await listPictures(root);
    expect(listing.classes).toEqual(["ant", "cat, big"]);
    expect(rows(listing)).toEqual([
      "p/1.png (line 2) cat, big train",
      "p/2.png (line 4) ant validation",
      "p/3.png (line 5) ant",
    ]);
    expect(await listing.pictures[1]!.read()).toEqual(new Uint8Array(await pictureFile("2.png", 2)));
  });

  test("tabs and semicolons between columns; classes that are numbers in their order", async () => {
    for (const [name, mark] of [
      ["t.tsv", "\t"],
      ["t.csv", ";"],
    ]) {
      const root = await folder({ ...pictures, [name!]: `image${mark}class\np/1.png${mark}10\np/2.png${mark}9\n` });
      expect((await listPictures(join(root, name!))).classes).toEqual(["9", "10"]);
    }
  });

  test("JSONL, and a table without classes", async () => {
    const jsonl = '{"path":"p/1.png","label":3}\n\n{"path":"p/2.png","label":11}\r\n';
    const root = await folder({ ...pictures, "list.jsonl": jsonl, "names.csv": "path\np/3.png\n" });
    expect(rows(await listPictures(join(root, "list.jsonl")))).toEqual(["p/1.png (line 1) 3", "p/2.png (line 3) 11"]);
    const listing = await listPictures(join(root, "names.csv"));
    expect([listing.classes, rows(listing)]).toEqual([[], ["p/3.png (line 2) -"]]);
  });

  test.each([
    ["m.csv", "a,b\n1,2\n", /one of path, file, .* got a, b/],
    ["m.csv", "path,label\n", /should have a row for each picture, got none/],
    ["m.csv", "path,label\n1.png,a\n2.png\n", /should be a table in CSV: .*line 3/],
    ["m.csv", "path,label\n1.png,a\n,b\n", /line 3: path should be a picture's path, got nothing/],
    ["m.csv", "path,label\n1.png,a\n2.png,\n", /line 3: label should name a class/],
    ["m.csv", "path,label,split\n1.png,a,holdout\n", /line 2: split should be train, validation or test, got holdout/],
    ["m.csv", new Uint8Array([0xff, 0xfe, 0x41]), /should be text in UTF-8/],
    ["m.jsonl", '{"path":"1.png"\n', /line 1 should be an object in JSON/],
    ["m.jsonl", "[1]\n", /line 1 should be an object in JSON, got \[1\]/],
    ["m.jsonl", '{"path":"1.png","label":{}}\n', /line 1: label should be text or a number, got {}/],
  ])("%s %j is refused", async (name, content, message) => {
    const root = await folder({ [name]: content });
    await expect(listPictures(join(root, name))).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringMatching(message),
    });
  });

  test("two tables in a folder: which is meant has to be said", async () => {
    const root = await folder({ "labels.csv": "path\n1.png\n", "metadata.jsonl": "{}\n" });
    await expect(listPictures(root)).rejects.toMatchObject({ code: "ARGUMENT" });
  });
});

/** An idx file. */
function idx(sizes: readonly number[], values: readonly number[]): Uint8Array {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.writeUInt32BE(0x800 + sizes.length);
  for (const [axis, size] of sizes.entries()) head.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([head, Buffer.from(values)]);
}

describe("MNIST's files", () => {
  const images = idx([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const files = {
    "raw/train-images-idx3-ubyte": images,
    "raw/train-labels-idx1-ubyte.gz": gzipSync(idx([2], [3, 0])),
    "raw/t10k-images.idx3-ubyte.gz": gzipSync(idx([1, 2, 3], [9, 9, 9, 9, 9, 9])),
    "raw/t10k-labels.idx1-ubyte": idx([1], [1]),
  };

  test("plain or compressed, by either name, in a folder of the folder", async () => {
    const listing = await listPictures(await folder(files));
    expect(listing.classes).toEqual(["0", "1", "2", "3"]);
    expect(rows(listing)).toEqual([
      "t10k-images.idx3-ubyte.gz: image 0 1 test",
      "train-images-idx3-ubyte: image 0 3 train",
      "train-images-idx3-ubyte: image 1 0 train",
    ]);
    const second = { channels: 1, height: 2, width: 3, pixels: Uint8Array.of(7, 8, 9, 10, 11, 12) };
    expect(await listing.pictures[2]!.read()).toEqual(second);
  });

  test.each([
    [{ "train-images-idx3-ubyte": images }, "DATA_MISSING", /classes beside it in train-labels-idx1-ubyte/],
    [{ "train-images-idx3-ubyte": images.subarray(0, 20) }, "DATA_FORMAT", /should be 28 bytes, for 2 x 2 x 3, got 20/],
    [{ "train-images-idx3-ubyte": new Uint8Array() }, "DATA_FORMAT", /got nothing/],
    [{ "train-images-idx3-ubyte": idx([0, 2, 3], []) }, "DATA_FORMAT", /should hold something/],
    [{ "train-images-idx3-ubyte.gz": gzipSync(images).subarray(0, 30) }, "DATA_FORMAT", /cannot be read/],
    [
      { "train-images-idx3-ubyte.gz": gzipSync(Buffer.concat([images, Buffer.alloc(2 ** 26)])) },
      "DATA_FORMAT",
      /it should expand to at most 28 bytes, got more/,
    ],
    [
      { "train-images-idx3-ubyte.gz": gzipSync(idx([2 ** 16, 2 ** 8, 2 ** 8], [])) },
      "DATA_FORMAT",
      /it should expand to at most 1073741824 bytes, got 4294967312/,
    ],
    [
      { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": idx([3], [1, 2, 3]) },
      "DATA_FORMAT",
      /a label for each of 2/,
    ],
  ])("%#: refused", async (files, code, message) => {
    await expect(listPictures(await folder(files))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe("tar shards", () => {
  const text = (content: string) => new TextEncoder().encode(content);

  test("pictures and classes by keys, of every kind of label, with long paths", async () => {
    const picture = await pictureFile("a.png", 1);
    const long = `${"deep/".repeat(50)}004`;
    const first = tar([
      tarEntry("./001.png", picture),
      tarEntry("./001.cls", text("7\n")),
      tarEntry("002.json", text('{"label": 10}')),
      tarEntry("002.jpg", await pictureFile("a.jpg", 2)),
      tarEntry("003.seg.png.txt", text("not of 003")),
    ]);
    const pax = text(`${`${long}.png`.length + 10} path=${long}.png\n`);
    const gnu = text(`${long}.cls\0`);
    const second = tar([
      tarEntry("PaxHeader", pax, { type: "ExtendedHeader" }),
      tarEntry("short", picture),
      tarEntry("././@LongLink", gnu, { type: "NextFileHasLongPath" }),
      tarEntry("short", text("7")),
      tarEntry("folder", new Uint8Array(), { type: "Directory" }),
    ]);
    const root = await folder({ "train-000.tar": first, "val/000.tar": second });
    const listing = await listPictures(root);
    expect(listing.classes).toEqual(["7", "10"]);
    expect(rows(listing)).toEqual([
      "train-000.tar: ./001.png 7 train",
      "train-000.tar: 002.jpg 10 train",
      `val/000.tar: ${long}.png 7 validation`,
    ]);
    expect(await listing.pictures[2]!.read()).toEqual(picture);
  });

  test.each([
    [
      "cut short",
      async () => tar([tarEntry("1.png", await pictureFile("a.png", 1))]).subarray(0, 600),
      /is cut short in 1.png/,
    ],
    ["a text", async () => text("x".repeat(2000)), /should be a tar file/],
    ["nothing", async () => new Uint8Array(), /should be a tar file/],
    [
      "a class for some",
      async () => tar([tarEntry("1.png", text("x")), tarEntry("1.cls", text("1")), tarEntry("2.png", text("x"))]),
      /2.png should have its class beside it/,
    ],
    [
      "no class in it",
      async () => tar([tarEntry("1.png", text("x")), tarEntry("1.json", text("{}"))]),
      /1.json should name a class as one of label/,
    ],
    [
      "a broken object",
      async () => tar([tarEntry("1.png", text("x")), tarEntry("1.json", text("{"))]),
      /1.json should be an object in JSON/,
    ],
  ])("%s: refused", async (_, bytes, message) => {
    const root = await folder({ "0.tar": await bytes() });
    await expect(listPictures(root)).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringMatching(message),
    });
  });
});

async function parquet(labels: readonly (number | string)[], names?: readonly string[]): Promise<Uint8Array> {
  return parquetFile(await Promise.all(labels.map((_, i) => pictureFile("a.png", i))), labels, names);
}

describe("Parquet files", () => {
  test("Hugging Face's: names of classes from the metadata, splits from the files' names", async () => {
    const names = ["cat", "ant", "bee"];
    const root = await folder({
      "data/train-00000-of-00001.parquet": await parquet([2, 0, 1, 2, 0], names),
      "data/test-00000-of-00001.parquet": await parquet([1], names),
    });
    const listing = await listPictures(root);
    expect(listing.classes).toEqual(names);
    expect(rows(listing).slice(0, 3)).toEqual([
      "data/test-00000-of-00001.parquet: row 0 ant test",
      "data/train-00000-of-00001.parquet: row 0 bee train",
      "data/train-00000-of-00001.parquet: row 1 cat train",
    ]);
    for (const row of [4, 0, 3]) {
      expect(await listing.pictures[1 + row]!.read()).toEqual(new Uint8Array(await pictureFile("a.png", row)));
    }
  });

  test("names or numbers without metadata", async () => {
    expect((await listPictures(await folder({ "a.parquet": await parquet(["b", "a"]) }))).classes).toEqual(["a", "b"]);
    expect((await listPictures(await folder({ "a.parquet": await parquet([10, 9]) }))).classes).toEqual(["9", "10"]);
  });

  test.each([
    ["GZIP", gzipSync],
    ["BROTLI", brotliCompressSync],
  ] as const)("pages in %s are expanded, to no more than their headers say", async (codec, compress) => {
    const written = (pack: (bytes: Uint8Array) => Uint8Array) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: "image", data: [Uint8Array.of(1), Uint8Array.of(2)], type: "BYTE_ARRAY" },
            { name: "label", data: ["ant", "bee"], type: "STRING" },
          ],
          codec,
          compressors: { [codec]: pack },
        }),
      );
    const { classes, pictures } = await listPictures(await folder({ "a.parquet": written(compress) }));
    expect([classes, await pictures[1]!.read()]).toEqual([["ant", "bee"], Uint8Array.of(2)]);
    const bomb = written((bytes) => compress(Buffer.concat([bytes, Buffer.alloc(2 ** 20)])));
    await expect(listPictures(await folder({ "a.parquet": bomb }))).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringMatching(
        /a\.parquet should be a Parquet file: Cannot create a Buffer larger than \d+ bytes/,
      ),
    });
  });

  test("a file of ten kilobytes with millions of equal rows: refused before they are read", async () => {
    const data = Array.from({ length: 2 ** 22 + 1 }, () => "x");
    const bytes = parquetWriteBuffer({ columnData: [{ name: "image", data, type: "STRING" }] });
    expect(bytes.byteLength).toBeLessThan(20_000);
    await expect(listPictures(await folder({ "a.parquet": new Uint8Array(bytes) }))).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringContaining("a.parquet should have at most 4194304 rows"),
    });
  });

  test("labels that are no class, other columns, a cut or another file: refused", async () => {
    const good = await parquet([0, 1], ["a", "b"]);
    for (const [bytes, message] of [
      [await parquet([0, 2], ["a", "b"]), /row 1 should have a label that is one of 2 classes, got 2/],
      [good.subarray(0, good.length - 9), /should be a Parquet file/],
      [new Uint8Array(), /should be a Parquet file/],
      [new TextEncoder().encode("PAR1 no PAR1"), /should be a Parquet file/],
    ] as const) {
      const root = await folder({ "a.parquet": bytes });
      await expect(listPictures(root)).rejects.toMatchObject({
        code: "DATA_FORMAT",
        message: expect.stringMatching(message),
      });
      await rm(root, { recursive: true });
    }
    const other = parquetWriteBuffer({ columnData: [{ name: "text", data: ["a"], type: "STRING" }] });
    await expect(listPictures(await folder({ "a.parquet": new Uint8Array(other) }))).rejects.toThrow(
      "a column of pictures, one of image",
    );
  });
});
