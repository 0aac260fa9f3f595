/** @file The linter holds the arrows between the parts: shown by breaking each of them in a folder of its own. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "limbeck-arrows-"));
afterAll(() => rm(folder, { recursive: true }));

/** What each part may use besides itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  random: [],
  images: [],
  data: ["images"],
  engine: ["tensor"],
  optim: ["tensor"],
  nn: ["tensor", "random"],
  models: ["tensor", "nn"],
  distill: ["tensor", "nn", "models"],
  weights: ["tensor", "nn", "models"],
  train: ["tensor", "random", "images", "data", "engine", "optim", "nn", "models", "distill", "weights", "inference"],
  benchmark: ["tensor", "random", "images", "data", "engine", "optim", "nn", "models", "distill", "train"],
  inference: ["tensor", "engine", "nn", "models"],
  "model-file": ["tensor", "nn", "models", "weights", "engine", "inference", "data", "images", "distill", "train"],
  onnx: ["tensor", "nn", "models", "weights"],
  teachers: ["tensor", "random", "images", "data", "engine", "nn", "models", "distill", "weights", "train", "onnx"],
  ship: [
    "tensor",
    "random",
    "data",
    "images",
    "engine",
    "nn",
    "models",
    "weights",
    "train",
    "inference",
    "model-file",
    "onnx",
  ],
  experiment: [
    "tensor",
    "random",
    "data",
    "images",
    "engine",
    "optim",
    "nn",
    "models",
    "distill",
    "weights",
    "train",
    "inference",
    "model-file",
    "onnx",
    "teachers",
  ],
  use: [
    "tensor",
    "random",
    "data",
    "images",
    "engine",
    "optim",
    "nn",
    "models",
    "distill",
    "weights",
    "train",
    "inference",
    "model-file",
    "onnx",
    "teachers",
    "ship",
    "experiment",
  ],
  report: ["experiment"],
  study: [
    "tensor",
    "random",
    "data",
    "images",
    "engine",
    "optim",
    "nn",
    "models",
    "distill",
    "weights",
    "train",
    "inference",
    "model-file",
    "onnx",
    "teachers",
    "ship",
    "experiment",
    "use",
    "report",
  ],
};

test("a part may import what stands below it, values and types, and nothing else", async () => {
  const pairs = Object.entries(arrows).flatMap(([part, allowed]) =>
    [...Object.keys(arrows), "cli"]
      .filter((other) => other !== part)
      .map((other) => ({ part, other, allowed: allowed.includes(other) })),
  );
  const files = pairs.flatMap(({ part, other }) => [
    [`src/${part}/uses-${other}.ts`, `import { x } from "../${other}/index.ts";\n\nx();\n`] as const,
    [`src/${part}/inner/uses-${other}.ts`, `export type * from "../../${other}/index.ts";\n`] as const,
  ]);
  const expected = pairs.flatMap(({ part, other, allowed }) =>
    allowed ? [] : [`src/${part}/uses-${other}.ts`, `src/${part}/inner/uses-${other}.ts`],
  );
  expect(await refused(files, "no-restricted-imports")).toEqual(expected.toSorted());
});

test("what all parts use imports none of them, the entries whatever they publish", async () => {
  const files = [
    ["src/errors.ts", 'export * from "./nn/index.ts";\n'],
    ["src/entries/nn.ts", 'export * from "../nn/index.ts";\n'],
  ] as const;
  expect(await refused(files, "no-restricted-imports")).toEqual(["src/errors.ts"]);
});

test("only the rim imports Node's modules", async () => {
  const paths = [
    "src/entries/index.ts",
    "src/tensor/file.ts",
    "src/data/file.ts",
    "src/experiment/file.ts",
    "src/report/file.ts",
    "src/engine/wasm/threads/pool.ts",
    "src/engine/wasm/threads/platform-node.ts",
    "src/engine/wasm/threads/worker-node.ts",
    "src/data/node/file.ts",
    "src/experiment/node/file.ts",
    "src/use/file.ts",
    "src/cli/commands/file.ts",
  ];
  const files = paths.map((path) => [path, 'export * from "node:fs";\n'] as const);
  expect(await refused(files, "import/no-nodejs-modules")).toEqual(paths.slice(0, 6).toSorted());
});

/** Those of the files that break the rule, when they are all there is. */
async function refused(files: readonly (readonly [path: string, code: string])[], rule: string): Promise<string[]> {
  await rm(join(folder, "src"), { recursive: true, force: true });
  await copyFile(join(repository, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [path, code] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), code);
  }
  const { diagnostics } = JSON.parse(await oxlint(["--format", "json", "src"])) as {
    readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
  };
  const [, name] = rule.match(/([^/]+)$/)!;
  return diagnostics
    .filter(({ code }) => code.includes(`(${name})`))
    .map(({ filename }) => filename)
    .toSorted();
}

/** Its output; that it finds something is no failure here. */
function oxlint(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 2 ** 24 };
    execFile(join(repository, "node_modules/.bin/oxlint"), args, options, (_, stdout) => resolve(stdout));
  });
}
