/** @file Pictures and the files that hold many: decoded, or listed and read, after damage. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { listPictures } from "../../../src/data/node/images/list.ts";
import { prepare } from "../../../src/data/node/images/prepare.ts";
import { checkPicture } from "../../../src/images/picture.ts";
import { decodePicture } from "../../../src/entries/node.ts";
import { tar, tarEntry } from "../../../test/data/tar-file.ts";
import { mutateBytes, pick } from "../mutate.ts";
import type { Target } from "./target.ts";

const golden = JSON.parse(
  await readFile(new URL("../../../src/data/node/images/decode.golden.json", import.meta.url), "utf8"),
) as { readonly cases: readonly { readonly name: string; readonly file: string }[] };
const pictures = golden.cases.map(({ name, file }) => ({ name, bytes: new Uint8Array(Buffer.from(file, "base64")) }));

/** Damaged pictures of every kind. */
export const picturesTarget: Target = {
  name: "pictures",
  share: 2,
  async attempt(random) {
    const { name, bytes } = pick(random, pictures);
    const picture = await decodePicture(name, mutateBytes(bytes, random), { maxPixels: 1_000_000 });
    checkPicture("pictures", picture);
    return picture.channels === 1 || picture.channels === 3 ? undefined : `${picture.channels} channels`;
  },
};

const [first, second] = [pictures[0]!.bytes, pictures[6]!.bytes];
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const idx = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
/** Files that sources are made of; one of each group is damaged. */
const sources: readonly Readonly<Record<string, Uint8Array>>[] = [
  {
    "0.tar": tar([
      tarEntry("1.jpg", first),
      tarEntry("1.cls", text("0")),
      tarEntry("2.png", second),
      tarEntry("2.json", text('{"label":1}')),
    ]),
  },
  { "manifest.csv": text('path,label,split\n1.png,"a",train\n2.png,b,test\n'), "1.png": first, "2.png": second },
  { "manifest.jsonl": text('{"path":"1.png","label":"a"}\n{"path":"2.png","label":"b"}\n'), "1.png": first },
  { "train-images-idx3-ubyte": idx, "train-labels-idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 4) },
  { "t10k-images-idx3-ubyte.gz": gzipSync(idx), "t10k-labels-idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 4) },
];

/** Damaged tables, archives and packs of pictures. */
export const pictureSourcesTarget: Target = {
  name: "sources of pictures",
  share: 2,
  async attempt(random) {
    const files = pick(random, sources);
    const damaged = pick(random, Object.keys(files));
    const folder = await mkdtemp(join(tmpdir(), "limbeck-sources-"));
    try {
      for (const [name, bytes] of Object.entries(files)) {
        await writeFile(join(folder, name), name === damaged ? mutateBytes(bytes, random) : bytes);
      }
      const { pictures, classes } = await listPictures(folder);
      for (const picture of pictures.slice(0, 3)) {
        if (picture.label !== undefined && !(picture.label < classes.length)) return `label ${picture.label}`;
        await prepare(picture, { size: 8, channels: 3, maxPixels: 1_000_000 });
      }
      return undefined;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
