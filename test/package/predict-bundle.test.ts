/** @file What a page that only predicts is made of: bundled by Vite from the public entry, as far as it is loaded at once. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { build, createLogger, type Rolldown } from "vite";

const [index, infer] = ["index", "infer"].map((name) =>
  fileURLToPath(new URL(`../../src/entries/${name}.ts`, import.meta.url)),
);

/** What package.json leaves out for browsers. */
const forNode =
  /src\/(data\/node\/(cifar|images\/decode)|engine\/wasm\/threads\/platform-node|engine\/webgpu\/node)\.ts$/;

interface Loaded {
  /** Their paths. */
  readonly modules: readonly string[];
  /** Compressed by gzip. */
  readonly kilobytes: number;
}

/** A page's first chunks: what it imports, what that imports, and so on, but nothing that is loaded later. */
async function loadedAtOnce(program: string): Promise<Loaded> {
  const root = await mkdtemp(join(tmpdir(), "limbeck-bundle-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const entry = join(root, "page.ts");
  await writeFile(entry, program);
  const built = (await build({
    root,
    configFile: false,
    customLogger: { ...createLogger("silent") },
    worker: { format: "es" },
    plugins: [{ name: "browser", enforce: "pre", load: (id) => (forNode.test(id) ? "export {};" : undefined) }],
    build: { write: false, rolldownOptions: { input: entry, preserveEntrySignatures: "strict" } },
  })) as Rolldown.RolldownOutput;
  const chunks = new Map(built.output.flatMap((chunk) => (chunk.type === "chunk" ? [[chunk.fileName, chunk]] : [])));
  const found = new Set([...chunks.values()].filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const name of found) for (const imported of chunks.get(name)!.imports) found.add(imported);
  const first = [...found].map((name) => chunks.get(name)!);
  return {
    modules: first.flatMap(({ modules }) =>
      Object.entries(modules).flatMap(([path, { renderedLength }]) => (renderedLength > 0 ? path : [])),
    ),
    kilobytes: first.reduce((sum, { code }) => sum + gzipSync(code).length, 0) / 1000,
  };
}

test("a page that loads a network and predicts has no schema library, no method and no training in it", async () => {
  const { modules, kilobytes } = await loadedAtOnce(`export * from ${JSON.stringify(infer)};`);
  expect(kilobytes).toBeLessThan(90);
  expect(
    modules.filter((path) => /node_modules\/(?!leven)|src\/(distill|train|optim|experiment|report)\//.test(path)),
  ).toEqual([]);
  expect(modules.some((path) => path.endsWith("src/model-file/load.ts"))).toBe(true);
});

test("a page that trains has, but of the library only what it uses, and nothing that reads weights or runs on a GPU", async () => {
  const { modules, kilobytes } = await loadedAtOnce(`export { createTrainer } from ${JSON.stringify(index)};`);
  expect(modules.some((path) => path.endsWith("node_modules/zod/v4/mini/schemas.js"))).toBe(true);
  expect(modules.some((path) => path.endsWith("src/train/train.ts"))).toBe(true);
  expect(kilobytes).toBeLessThan(95);
  const unused =
    /zod\/v4\/(classic|locales)|json-schema|src\/(model-file\/load|weights\/starting-values|onnx|teachers|engine\/(webgpu|wasm|reference))\b/;
  expect(modules.filter((path) => unused.test(path))).toEqual([]);
});

test("of the methods it has those that it is given, and the labels'", async () => {
  const kd = fileURLToPath(new URL("../../src/distill/methods/kd.ts", import.meta.url));
  const { modules } = await loadedAtOnce(
    `export { createTrainer } from ${JSON.stringify(index)}; export { kd } from ${JSON.stringify(kd)};`,
  );
  const methods = modules.filter((path) => path.includes("src/distill/methods/"));
  expect(methods.map((path) => basename(path)).toSorted()).toEqual(["ce.ts", "kd.ts"]);
});
