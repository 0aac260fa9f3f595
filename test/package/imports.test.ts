/** @file What each entry imports: the public API must load in a browser, so nothing of Node's may be reached from it. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Everything that modules import, theirs and so on included. */
interface Reached {
  /** Paths in the repository. */
  readonly files: Set<string>;
  /** Packages, and Node's own modules. */
  readonly packages: Set<string>;
}

/** Follows imports of values, static and dynamic, except into `left`. */
function reach(path: string, left: ReadonlySet<string>, reached: Reached = { files: new Set(), packages: new Set() }) {
  if (reached.files.has(path) || left.has(path)) return reached;
  reached.files.add(path);
  for (const specifier of importsOf(readFileSync(join(repository, path), "utf8"))) {
    if (specifier.startsWith(".")) reach(join(dirname(path), specifier), left, reached);
    else reached.packages.add(specifier);
  }
  return reached;
}

/** The specifiers of a formatted source's imports and exports, those of types alone left out. */
function importsOf(source: string): string[] {
  const statements = source.matchAll(/^(?:import|export)\s(?!type\s)(?:[^;"]*?\sfrom\s)?"([^"]+)"/gm);
  const calls = source.matchAll(/\bimport\("([^"]+)"\)/g);
  return [...statements, ...calls].map(([, specifier]) => specifier!);
}

/** What bundlers for browsers leave out, by package.json's word, as source files. */
function leftOut(): Set<string> {
  const { browser } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    readonly browser: Readonly<Record<string, false>>;
  };
  return new Set(Object.keys(browser).map((path) => path.replace("./dist/", "src/").replace(/\.js$/, ".ts")));
}

/** The entries that a page may have. */
const pages = ["index", "infer", "tensor", "nn", "methods", "training", "report", "ship"].map(
  (name) => `src/entries/${name}.ts`,
);

test("the public API, the browser's thread and all they reach are free of Node", () => {
  const left = leftOut();
  for (const entry of [...pages, "src/engine/wasm/threads/worker-web.ts"]) {
    const { files, packages } = reach(entry, left);
    expect([...packages].filter((name) => name.startsWith("node:"))).toEqual([]);
    expect([...files].filter((path) => path.includes("/node/") || path.startsWith("src/cli/"))).toEqual([]);
  }
  // NOTE: add only packages that run in browsers.
  const packages = pages.flatMap((entry) => [...reach(entry, left).packages]);
  expect([...new Set(packages)].toSorted()).toEqual(["fast-png", "leven", "zod/mini"]);
});

test("what bundlers leave out is all that needs Node, and is there", () => {
  const { files, packages } = reach("src/entries/index.ts", new Set());
  expect([...packages]).toContain("node:worker_threads");
  for (const path of leftOut()) expect(files).toContain(path);
});

test("a name is in one entry alone, but for what predicting shares with every day, and layers that are named as the operation that they do", async () => {
  const entries = await Promise.all(
    [...pages, "src/entries/node.ts"].map(
      async (path) => [path, Object.keys(await import(join(repository, path)))] as const,
    ),
  );
  const twice = entries.flatMap(([path, names]) =>
    entries.flatMap(([other, others]) =>
      path < other ? names.filter((name) => others.includes(name)).map((name) => `${path} ${other} ${name}`) : [],
    ),
  );
  const layers = [
    "adaptiveAvgPool2d",
    "avgPool2d",
    "conv2d",
    "convTranspose2d",
    "flatten",
    "gelu",
    "linear",
    "maxPool2d",
    "relu",
  ];
  const shared = ["LimbeckError", "createModel", "loadModel", "wasmEngine", "webGpuEngine"];
  expect(twice.toSorted()).toEqual([
    ...shared.map((name) => `src/entries/index.ts src/entries/infer.ts ${name}`),
    ...layers.map((name) => `src/entries/nn.ts src/entries/tensor.ts ${name}`),
  ]);
  expect(new Map(entries).get("src/entries/index.ts")!.length).toBeLessThanOrEqual(25);
});

test("the entry for Node does need Node", () => {
  expect([...reach("src/entries/node.ts", new Set()).packages]).toContain("node:fs/promises");
});
