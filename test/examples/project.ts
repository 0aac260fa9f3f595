/** @file An example's project as somebody would have it: copied, its packages installed, a student and pictures to try it on. */
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { saveModel } from "../../src/entries/index.ts";
import { createModel, type Prediction } from "../../src/entries/infer.ts";
import { initialise, torchRandom } from "../../src/entries/nn.ts";
import { limbeck } from "../cli/limbeck.ts";
import { photo, photoClasses } from "../cli/write-photos.ts";
import { unpack } from "../package/unpacked.ts";
import { repository } from "../package/install.ts";

export interface Project {
  readonly folder: string;
  /** Of a student whose file says how pictures are resized and cropped. */
  readonly weights: string;
  /** Paths of PNG files, which every decoder decodes to the same pixels, wide and high. */
  readonly pictures: readonly string[];
  /** What `limbeck predict` says of each picture. */
  readonly expected: readonly Prediction[];
  remove(): Promise<void>;
}

/** Copies `examples/NAME` into a temporary folder, and puts its packages there. */
export async function copied(name: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `limbeck-${name}-`)));
  await cp(join(repository, "examples", name), folder, {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|public|signs|student|runs|teachers)$/.test(path),
  });
  const { limbeck: _, ...packages } = await dependenciesOf(folder);
  await unpack(join(folder, "node_modules"), Object.keys(packages));
  return folder;
}

/** The same, with a student and pictures. */
export async function project(name: string): Promise<Project> {
  const folder = await copied(name);
  const weights = join(folder, "student.safetensors");
  await writeFile(weights, await student());
  const pictures = await Promise.all(
    photoClasses.map(async (kind, i) => {
      const path = join(folder, `${kind}.png`);
      await writeFile(path, await photo(path, kind, i));
      return path;
    }),
  );
  const expected = await predicted(weights, pictures);
  expect(new Set(expected.map(([{ probability }]) => probability)).size).toBe(pictures.length);
  return { folder, weights, pictures, expected, remove: () => rm(folder, { recursive: true }) };
}

/** What `limbeck predict` says of each picture. */
export async function predicted(weights: string, pictures: readonly string[]): Promise<Prediction[]> {
  const { stdout } = await limbeck(["predict", weights, ...pictures, "--json", "--engine", "wasm"]);
  const answers = JSON.parse(stdout) as { readonly pictures: readonly { readonly classes: Prediction }[] };
  return answers.pictures.map(({ classes }) => classes);
}

/** Its packages, of both kinds, and their versions. */
export async function dependenciesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return { ...dependencies, ...devDependencies };
}

async function student(): Promise<Uint8Array> {
  const model = createModel("resnet8", { inputShape: [3, 16, 16], classes: photoClasses.length });
  const values = initialise(model.module, torchRandom(8));
  const dataset = {
    name: "photos",
    classes: photoClasses,
    mean: [0.5, 0.4, 0.5],
    std: [0.25, 0.3, 0.25],
    preparation: { resize: 18, exif: true },
  };
  return saveModel(model, { read: async (state) => values.get(state)! }, { dataset });
}
