/** @file The package as it is published: what is in it, and that plain JavaScript, TypeScript and the command line can use it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trainsWithFewAddresses } from "./address-space.ts";
import { typesOfEntries } from "./consumer.ts";
import { docstringsOfEntries } from "./docstrings.ts";
import { install, repository, type Installed } from "./install.ts";
import { commandsOfPages, programsOfPages } from "./pages.ts";
import { publishable } from "./publishable.ts";

let installed: Installed;
beforeAll(async () => void (installed = await install()), 120_000);
afterAll(() => installed?.remove());

programsOfPages(() => installed);
commandsOfPages(() => installed);
typesOfEntries(() => installed);
docstringsOfEntries(() => installed);
trainsWithFewAddresses(() => installed);
publishable(() => installed);

test("it holds compiled code with declarations and maps, and no tests or sources", () => {
  const { files } = installed;
  const others = files.filter((path) => !/^dist\/.+\.(js|js\.map|d\.ts)$/.test(path));
  const page = ["icon.svg", "index.html", "page.css"].map((name) => `dist/node/ship/web/files/${name}`);
  const licences = "dist/node/LICENCES.md";
  expect(others.toSorted()).toEqual(["LICENSE", "README.md", licences, ...page, "package.json"]);
  expect(files).toContain("dist/node/cli/serve/files/page.js");
  const entries = ["index", "tensor", "nn", "methods", "training", "report", "ship", "node"];
  for (const entry of entries)
    for (const file of [`node/entries/${entry}.js`, `entries/${entry}.js`, `entries/${entry}.d.ts`])
      expect(files).toContain(`dist/${file}`);
  expect(files).toContain("dist/node/cli/main.js");
  expect(files.filter((path) => /\.test\.|\.golden\.|^dist\/test/.test(path))).toEqual([]);
});

test("every file that package.json names is in it", async () => {
  const { bin, browser, exports, sideEffects } = JSON.parse(
    await readFile(join(installed.folder, "node_modules/limbeck/package.json"), "utf8"),
  );
  const targets = [bin, exports].flatMap(leaves).concat(sideEffects, Object.keys(browser));
  expect(targets).toContain("./dist/entries/index.js");
  for (const target of targets) {
    const [start, end = ""] = target.replace(/^\.\//, "").split("*") as [string, string?];
    const isThere = (path: string): boolean =>
      target.includes("*") ? path.startsWith(start) && path.endsWith(end) : path === start;
    expect(installed.files.filter(isThere), target).not.toEqual([]);
  }
  expect(installed.files).toContain(exports["./student/*"].replace("./", "").replace("*", "student.js"));
});

/** The strings inside of a value. */
function leaves(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).flatMap(leaves);
}

test("source maps hold the sources, so a debugger needs no others", async () => {
  const map = await readFile(join(installed.folder, "node_modules/limbeck/dist/train/train.js.map"), "utf8");
  expect(JSON.parse(map).sourcesContent[0]).toBe(await readFile(join(repository, "src/train/train.ts"), "utf8"));
});

const script = `
import { createModel, evaluate, LimbeckError, methods, shapes, wasmEngine } from "limbeck";
import { torchRandom } from "limbeck/nn";
import * as nn from "limbeck/nn";
import { objective } from "limbeck/methods";
import { adam, learner, train } from "limbeck/training";
import { loadCifar10 } from "limbeck/node";

const engine = await wasmEngine({ threads: 2 });
const dataset = shapes({ train: 128, test: 20 });
const model = createModel("LightNN");
const random = torchRandom(42);
for (const [tensor, values] of nn.initialise(model.module, random)) await engine.write(tensor, values);
const losses = [];
const options = { engine, learner: learner(model, objective(methods.ce)), dataset, optimiser: adam(), epochs: 2, random };
for await (const { kind, loss } of train(options)) if (kind === "epoch") losses.push(loss);
const { count } = await evaluate({ engine, model, dataset, split: dataset.test });
await engine.close();
const code = await loadCifar10({ dir: "nowhere" }).catch((error) => error instanceof LimbeckError && error.code);
console.log(JSON.stringify({ losses, count, code }));
`;

// The second is whatever Node people have; this repository's own is newer.
test.each([
  ["this Node", process.execPath],
  ["the system's Node", "node"],
])("plain JavaScript trains with it under %s", async (_, node) => {
  await writeFile(join(installed.folder, "script.js"), script);
  const { losses, count, code } = JSON.parse(await installed.run(node, ["script.js"]));
  expect(losses[0]).toBeCloseTo(Math.log(10), 1);
  expect(losses[1]).toBeLessThan(losses[0]);
  expect({ count, code }).toEqual({ count: 20, code: "DATA_MISSING" });
});

test("npx limbeck is the command", async () => {
  const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
  expect(await installed.run("npx", ["--no", "limbeck", "--", "--help"])).toMatch(/^Usage: limbeck/);
  expect(await installed.run("npx", ["--no", "limbeck", "--", "--version"])).toBe(`${version}\n`);
});

test("where Node runs no TypeScript, a module in it is refused with what to do, and one in JavaScript is taken", async () => {
  const main = join("node_modules", "limbeck", "dist", "node", "cli", "main.js");
  const flags = process.features.typescript ? ["--no-strip-types"] : [];
  const list = (file: string) => installed.run(process.execPath, [...flags, main, "list", "models", `./${file}`]);
  await writeFile(join(installed.folder, "net.ts"), "export const model = () => 1;");
  await writeFile(join(installed.folder, "importing.js"), 'export { model } from "./net.ts";');
  await expect(list("net.ts")).rejects.toThrow(/error MODULE: .*net\.ts is TypeScript, .*does not run; .*JavaScript/);
  await expect(list("importing.js")).rejects.toThrow(/error MODULE: .*importing\.js imports TypeScript: .*net\.ts/);
  const net =
    'import { flatten, linear, sequential } from "limbeck/nn";\nexport const model = ({ classes }) => ({ module: ';
  await writeFile(join(installed.folder, "net.js"), `${net}sequential([flatten(), linear(3072, classes)]) });`);
  expect(await list("net.js")).toMatch(/^net\n/);
});

test("package.json itself can be read, and nothing else beside the entries", async () => {
  const importing = (name: string) =>
    installed.run(process.execPath, ["--input-type=module", "--eval", `await import("${name}", ${json})`]);
  const json = '{ with: { type: "json" } }';
  await importing("limbeck/package.json");
  await expect(importing("limbeck/dist/entries/index.js")).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
});
