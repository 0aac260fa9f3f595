/** @file Pictures of any kind, given to the library, against the same files given to `limbeck predict`: the same answers to the bit. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createModel, loadModel, saveModel, wasmEngine, type LoadedModel } from "../../src/entries/index.ts";
import { predict, type PictureInput, type Preparation } from "../../src/entries/infer.ts";
import { initialise, torchRandom } from "../../src/entries/nn.ts";
import { limbeck } from "../cli/limbeck.ts";

const cwd = await mkdtemp(join(tmpdir(), "limbeck-pictures-"));
const engine = await wasmEngine({ threads: 1 });
afterAll(async () => {
  await engine.close();
  await rm(cwd, { recursive: true });
});

/** Noise of one's own, coarse, so that it survives being resized: interleaved samples. */
function noise(width: number, height: number, channels: number): Buffer {
  const value = (at: number): number => Math.imul(at + 7, 2_654_435_761) >>> 24;
  return Buffer.from(
    Array.from({ length: width * height * channels }, (_, i) => {
      const pixel = Math.floor(i / channels);
      const [x, y] = [Math.floor((pixel % width) / 5), Math.floor(pixel / width / 5)];
      return value((y * 31 + x) * channels + (i % channels));
    }),
  );
}

const made = (width: number, height: number, channels: 1 | 2 | 3 | 4) =>
  sharp(noise(width, height, channels), { raw: { width, height, channels } });

/** Files by their names. */
const files: Readonly<Record<string, Buffer>> = {
  "wide.png": await made(90, 41, 3).png().toBuffer(),
  "tall.jpg": await made(37, 80, 3).jpeg().toBuffer(),
  "small.webp": await made(9, 12, 3).webp({ lossless: true }).toBuffer(),
  "exact.png": await made(16, 16, 3).png().toBuffer(),
  "alpha.png": await made(40, 30, 4).png().toBuffer(),
  "grey.png": await made(33, 25, 1).toColourspace("b-w").png().toBuffer(),
  "grey-alpha.png": await made(33, 25, 2).png().toBuffer(),
  "turned.jpg": await made(48, 20, 3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  "ink.jpg": await made(30, 30, 3).toColourspace("cmyk").jpeg().toBuffer(),
  "deep.png": await made(30, 31, 3).toColourspace("rgb16").png().toBuffer(),
};

const preparations: Readonly<Record<string, Preparation | undefined>> = {
  "the preparation of pictures": { resize: 18, exif: true },
  "another side, EXIF left alone, transparency on a background": { resize: 24, exif: false, background: [10, 200, 90] },
  "no preparation": undefined,
};

async function weightsOf(channels: 1 | 3, preparation: Preparation | undefined): Promise<Uint8Array> {
  const model = createModel("resnet8", { inputShape: [channels, 16, 16], classes: 4 });
  const values = initialise(model.module, torchRandom(5));
  const [mean, std] = [[0.4, 0.5, 0.6].slice(0, channels), [0.2, 0.3, 0.25].slice(0, channels)];
  const dataset = { name: "noise", classes: ["a", "b", "c", "d"], mean, std, ...(preparation && { preparation }) };
  return saveModel(model, { read: async (state) => values.get(state)! }, { dataset });
}

beforeAll(() => Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(cwd, name), bytes))));

async function byCommand(weights: string, names: readonly string[]): Promise<unknown[]> {
  const args = ["predict", weights, ...names, "--top", "4", "--json", "--engine", "wasm"];
  const { code, stdout, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
  const { pictures } = JSON.parse(stdout) as { readonly pictures: readonly { readonly classes: unknown }[] };
  return pictures.map(({ classes }) => classes);
}

describe.each(Object.entries(preparations))("a network whose file has %s", (title, preparation) => {
  describe.each([3, 1] as const)("of %i channels", (channels) => {
    const weights = `${title.replaceAll(/\W+/g, "-")}-${channels}.safetensors`;
    let model: LoadedModel;
    let expected: unknown[];
    beforeAll(async () => {
      const bytes = await weightsOf(channels, preparation);
      await writeFile(join(cwd, weights), bytes);
      model = await loadModel(bytes, engine);
      expected = await byCommand(weights, Object.keys(files));
      expect(new Set(expected.map((classes) => JSON.stringify(classes))).size).toBe(expected.length);
    });

    test("says of files' bytes what limbeck predict says of the files", async () => {
      expect(await predict(model, Object.values(files))).toEqual(expected);
      const blobs = Object.values(files).map((bytes) => new Blob([new Uint8Array(bytes)]));
      expect(await predict(model, blobs)).toEqual(expected);
      const [first] = await byCommand(weights, ["wide.png"]);
      expect(await predict(model, Uint8Array.from(files["wide.png"]!).buffer)).toEqual(first);
    });

    test("says the same of their pixels", async () => {
      const pixels = await Promise.all(
        Object.values(files).map(async (bytes, i): Promise<PictureInput> => {
          // What the decoder makes of ink and of 16 bits is not RGBA.
          if (i >= 8) return bytes;
          const opened = sharp(bytes).toColourspace("srgb");
          const turned = (preparation?.exif ?? true) ? opened.autoOrient() : opened;
          const { data, info } = await turned.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
          return { data, width: info.width, height: info.height };
        }),
      );
      expect(await predict(model, pixels)).toEqual(expected);
      const grey = { data: noise(33, 25, 1), width: 33, height: 25, layout: "grey" } as const;
      expect(await predict(model, grey)).toEqual(await predict(model, files["grey.png"]!));
    });
  });
});

test("another preparation than the file's can be given", async () => {
  const preparation = { resize: 24, exif: true };
  const [mine, other] = await Promise.all(
    [undefined, preparation].map(async (each) => loadModel(await weightsOf(3, each), engine)),
  );
  const picture = files["wide.png"]!;
  expect(await predict(mine!, picture, { preparation })).toEqual(await predict(other!, picture));
  expect(await predict(mine!, picture)).not.toEqual(await predict(other!, picture));
});

test("a network of images that are not square has no other pictures squashed into it", async () => {
  const oblong = createModel("resnet8", { inputShape: [3, 16, 24] });
  const values = initialise(oblong.module, torchRandom(5));
  const normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };
  const model = await loadModel(await saveModel(oblong, { read: async (state) => values.get(state)! }), engine);
  await expect(predict(model, files["wide.png"]!, { normalisation })).rejects.toMatchObject({
    code: "SHAPE",
    message: expect.stringMatching(/24 pixels wide and 16 high.*got 90 and 41/),
  });
});
