/** @file Every code block of the README and of docs/ does what it says, with Limbeck as npm installs it: a suite for packed.test.ts. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePng } from "../../src/data/png.ts";
import { shapes } from "../../src/data/shapes.ts";
import { startHub, type TestHub } from "../hub/hub-server.ts";
import { photo, photoClasses, writePhotos } from "../cli/write-photos.ts";
import { codeBlocks } from "./code-blocks.ts";
import { repository, type Installed } from "./install.ts";

const programs = codeBlocks("ts").map((block) => ({ ...block, file: `${block.name.replaceAll(/\W+/g, "-")}.ts` }));

/** LIMBECK_LONG=1 trains this program on as many images as it says, which takes a minute. */
const long = process.env["LIMBECK_LONG"] === "1";
const longest = "docs/library.md 1";
const size = "train: 2048, test: 1000";

/** What each program prints. */
const printed: Readonly<Record<string, RegExp>> = {
  "README.md 1": /^[\d.]+\n$/,
  "docs/library.md 1": /^DeepNN: [\d.]+ % of the test images\n(LightNN: [\d.]+ % of the test images\n){2}$/,
  "docs/library.md 2": /^(disc|ring|triangle|square|cross|star|stripes|checks|dots|spiral) [\d.]+\n$/,
  "docs/engines.md 1": /^Float32Array\(2\) \[ -6, -4\.5 \]\n$/,
  "docs/methods.md 1": /^\{ mse: 1, ce: 0\.5 \}\n\{ mse: 0\.5, ce: 0\.5, inter: 2, intra: 2 \}\n$/,
  "docs/ship.md 1": /^true\n$/,
  "docs/random.md 1": /^2\.327361822128296\n$/,
};

export function programsOfPages(installed: () => Installed): void {
  describe("programs of the pages", () => {
    test("are as strict TypeScript wants them", async () => {
      for (const { file, code } of programs) await writeFile(join(installed().folder, file), code);
      const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true };
      const types = { types: ["node"], typeRoots: [join(repository, "node_modules/@types")] };
      const compilerOptions = { module: "nodenext", target: "es2023", ...strict, ...types };
      await writeFile(
        join(installed().folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions, include: ["*.ts"] }),
      );
      const tsc = join(repository, "node_modules/.bin/tsc");
      const { stdout } = await promisify(execFile)(tsc, { cwd: installed().folder }).catch((error) => error);
      expect(stdout).toBe("");
    });

    // In order: a later one may read what an earlier one wrote, and a picture.
    beforeAll(async () => {
      const { shape, test } = shapes({ train: 1, test: 1 });
      await writeFile(join(installed().folder, "picture.png"), imagePng(test, shape, 0));
    });
    test.each(programs)("$name prints what it says", { timeout: 900_000 }, async ({ name, file, code }) => {
      const isShortened = code.includes(size) && !long;
      await writeFile(join(installed().folder, file), isShortened ? code.replace(size, "train: 512, test: 300") : code);
      const shown = await installed().run(process.execPath, [file]);
      expect(shown).toMatch(printed[name]!);
      // On so few images no method helps; test/package/example.test.ts has a student that gains from its teacher.
      if (name !== longest || !long) return;
      const [, alone, distilled] = [...shown.matchAll(/: ([\d.]+) %/g)].map(([, accuracy]) => Number(accuracy));
      expect(distilled).toBeGreaterThan(alone! + 5);
    });
  });
}

const commands = codeBlocks("sh").flatMap(({ name, code }) =>
  code
    .trimEnd()
    .split(/\n| && /)
    .map((line) => ({ name, line, words: line.split(" ") })),
);

/** Of the teacher that pages call big.onnx, beside it. */
const preprocessing = {
  do_resize: true,
  size: { shortest_edge: 64 },
  do_center_crop: true,
  crop_size: { height: 64, width: 64 },
  resample: 2,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
};

/** As the pages call Limbeck, in a clone. */
const calling = "npm run limbeck -- ";

export function commandsOfPages(installed: () => Installed): void {
  describe("commands of the pages", () => {
    const { name: ownName, scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

    test.each(commands.filter(({ words }) => words[0] === "npm"))("$name: $line", ({ words: [, verb, name] }) => {
      if (verb === "run") expect(scripts).toHaveProperty([name!]);
      else if (verb === "test") expect(scripts).toHaveProperty("test");
      else expect(`${verb} ${name ?? ""}`.trim()).toMatch(new RegExp(`^(ci|install ${ownName})$`));
    });

    // What they are given, of one's own, and of a hub.
    let hub: TestHub;
    afterAll(() => hub?.stop());
    beforeAll(async () => {
      const { folder } = installed();
      await writePhotos(join(folder, "photos"), 10);
      await mkdir(join(folder, "unsorted"));
      for (let i = 0; i < 30; i++)
        await writeFile(join(folder, `unsorted/${i}.png`), await photo("a.png", photoClasses[i % 3]!, i));
      await cp(join(repository, "src/onnx/golden/resnet.onnx"), join(folder, "big.onnx"));
      await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(preprocessing));
      await writeFile(join(folder, "names.json"), JSON.stringify([...photoClasses, ..."defghij"]));
      await cp(join(repository, "examples/modules"), folder, { recursive: true });
      // Which whoever exports for transformers.js installs.
      await symlink(join(repository, "node_modules/onnxruntime-node"), join(folder, "node_modules/onnxruntime-node"));
      const classifier = {
        "onnx/model.onnx": await readFile(join(folder, "big.onnx")),
        "preprocessor_config.json": JSON.stringify(preprocessing),
        "config.json": "{}",
      };
      const pictures: Record<string, Uint8Array> = {};
      for (const [i, kind] of photoClasses.entries())
        for (let j = 0; j < 12; j++)
          pictures[`${j < 9 ? "train" : "test"}/${kind}/${j}.png`] = await photo("a.png", kind, i * 20 + j);
      hub = await startHub({
        "Xenova/resnet-18": { revisions: { main: classifier } },
        "AI-Lab-Makerere/beans": { type: "dataset", revisions: { main: pictures } },
      });
    });

    // As `npm run limbeck` does, with the repository's Node: others run no TypeScript.
    const limbeck = (args: readonly string[]) =>
      installed().run("env", [
        `HF_ENDPOINT=${hub.url}`,
        "HF_HOME=home",
        process.execPath,
        "node_modules/limbeck/dist/node/cli/main.js",
        ...args,
      ]);
    const helps = new Map<string, Promise<string>>();
    const helpOf = (command: string): Promise<string> => {
      const help = helps.get(command) ?? limbeck([command, "--help", "all"]);
      helps.set(command, help);
      return help;
    };

    // In order, made small where that is possible; not what downloads, or goes on with a run that is not there.
    test.each(commands.filter(({ line }) => line.startsWith(calling)))(
      "$name: $line",
      { timeout: 600_000 },
      async ({ line }) => {
        const args = line.slice(calling.length).split(" ");
        const known = new Set((await helpOf(args[0]!)).match(/--[a-z-]+/g));
        for (const option of args.filter((word) => word.startsWith("--"))) expect(known).toContain(option);
        if (args.some((word) => /^cifar|^--resume$|^--config$/.test(word))) return;
        const small = Object.entries({ "--epochs": "1", "--limit": "64", "--threads": "2" });
        // NOTE: a teacher of one epoch on 64 images knows nothing, and would be refused.
        const force = args[0] === "distill" ? ["--force"] : [];
        const untimed = known.has("--no-latency") ? ["--no-latency"] : [];
        const output = await limbeck([
          ...args,
          ...force,
          ...untimed,
          ...small.filter(([option]) => known.has(option)).flat(),
        ]);
        expect(output).not.toBe("");
      },
    );
  });
}
