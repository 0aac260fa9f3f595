/** @file Repositories for transformers.js, opened by it: in Node, and on a page in Chromium. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pipeline } from "@huggingface/transformers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import type { ExportRecord } from "../../src/ship/record.ts";
import { serve } from "../browser/server.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { limbeck } from "../cli/limbeck.ts";
import { isLong } from "../engines/tested.ts";
import { whyNoWebGpu } from "../engines/swiftshader.ts";
import { writePictures } from "./transformers-pictures.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-transformers-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const count = isLong ? 500 : 60;
const fast = ["--threads", "1"];
let paths: readonly string[];
/** The log-probabilities of each picture, by `limbeck predict`, less their mean. */
let expected: readonly (readonly number[])[];

/** Differences as the check of an export has them: the largest one, and that of all, of the root mean square of what is expected. */
function differences(
  found: readonly (readonly number[])[],
  which: readonly number[] = [...found.keys()],
): {
  readonly largest: number;
  readonly mean: number;
  readonly same: number;
} {
  let [squares, differing, largest, same, n] = [0, 0, 0, 0, 0];
  for (const [i, values] of found.entries()) {
    const wanted = expected[which[i]!]!;
    for (const [k, value] of values.entries()) {
      squares += wanted[k]! ** 2;
      differing += (value - wanted[k]!) ** 2;
      largest = Math.max(largest, Math.abs(value - wanted[k]!));
      n++;
    }
    if (values.indexOf(Math.max(...values)) === wanted.indexOf(Math.max(...wanted))) same++;
  }
  return { largest: largest / Math.sqrt(squares / n), mean: Math.sqrt(differing / squares), same: same / found.length };
}

interface Predicted {
  readonly pictures: readonly {
    readonly classes: readonly { readonly name: string; readonly probability: number }[];
  }[];
}

/** What the page of the test has. */
interface Page {
  load(options: object): Promise<void>;
  classify(path: string, options: object): Promise<readonly Answer[]>;
}

interface Answer {
  readonly label: string;
  readonly score: number;
}

/** In the order of the classes; a shift of all logits does not count. */
function centred(answers: readonly Answer[]): number[] {
  const logs = labels.map((label) => Math.log(answers.find((answer) => answer.label === label)!.score));
  const mean = logs.reduce((a, b) => a + b) / logs.length;
  return logs.map((value) => value - mean);
}

let labels: readonly string[];

beforeAll(async () => {
  paths = await writePictures(join(cwd, "pictures"), count);
  const trained = await limbeck(
    ["train", "pictures", ...fast, "--model", "resnet8", "--epochs", "4", "--batch-size", "8", "--out", "run"],
    { cwd },
  );
  expect(trained.code, trained.stderr).toBe(0);
  const exported = await limbeck(["export", "run", "--format", "transformers", "--license", "mit"], { cwd });
  expect(exported.code, exported.stderr).toBe(0);
  const { id2label } = JSON.parse(readFileSync(join(cwd, "run-transformers-all/config.json"), "utf8"));
  labels = Object.values(id2label);
  const names = paths.map((path) => relative(cwd, path));
  const predicted = await limbeck(["predict", "run", ...names, ...fast, "--json", "--top", "11"], { cwd });
  expect(predicted.code, predicted.stderr).toBe(0);
  const { pictures } = JSON.parse(predicted.stdout) as Predicted;
  expected = pictures.map(({ classes }) =>
    centred(classes.map(({ name, probability }) => ({ label: name, score: probability }))),
  );
}, 300_000);

/** Of the largest difference, for q8 of the mean one. */
const bounds = { fp32: 1e-4, fp16: 0.05, q8: 0.5 } as const;

test.each(["fp32", "fp16", "q8"] as const)(
  "%s answers in Node as limbeck predict does, for pictures of any size",
  async (dtype) => {
    const classify = await pipeline("image-classification", join(cwd, "run-transformers-all"), { dtype });
    const found: number[][] = [];
    for (const path of paths) found.push(centred((await classify(path, { top_k: labels.length })) as Answer[]));
    await classify.dispose();
    expectSame(dtype, found);
  },
  300_000,
);

/** Within what the export's check lets pass. */
function expectSame(
  dtype: keyof typeof bounds,
  found: readonly (readonly number[])[],
  which?: readonly number[],
): void {
  const { largest, mean, same } = differences(found, which);
  expect(dtype === "q8" ? mean : largest).toBeLessThan(bounds[dtype]);
  // Of int8, one in twenty may be another, and one more.
  expect((1 - same) * found.length).toBeLessThanOrEqual(dtype === "q8" ? 1 + found.length / 20 : 0);
}

test("its card begins with what the hub reads", () => {
  const [, front, card] = readFileSync(join(cwd, "run-transformers-all/README.md"), "utf8").split(/^---$/m);
  expect(card).toContain("### In int8");
  const fields = parse(front!);
  expect(fields).toMatchObject({
    license: "mit",
    library_name: "transformers.js",
    pipeline_tag: "image-classification",
  });
  const { check, also } = JSON.parse(
    readFileSync(join(cwd, "run-transformers-all/student.json"), "utf8"),
  ) as ExportRecord;
  expect(fields["model-index"][0].results[0].metrics.map(({ value }: { value: number }) => value)).toEqual(
    [check, ...also!.map((each) => each.check)].map(({ accuracy }) => Number(accuracy!.after.toFixed(2))),
  );
});

test("one precision alone is what transformers.js opens by default", async () => {
  const args = ["export", "run", "--format", "transformers", "--precision", "float16", "--images", "4"];
  const { code, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
  const folder = join(cwd, "run-transformers-float16");
  expect(readdirSync(join(folder, "onnx"))).toEqual(["model_fp16.onnx"]);
  const classify = await pipeline("image-classification", folder);
  const [best] = (await classify(paths[0]!)) as Answer[];
  await classify.dispose();
  expect(best!.label).toBe(labels[expected[0]!.indexOf(Math.max(...expected[0]!))]);
});

test("a licence is refused where there is no card for it", async () => {
  const { code, stderr } = await limbeck(["export", "run", "--license", "mit"], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining("error ARGUMENT: license: the folder of web")]);
});

const noBrowser = browserPath ? undefined : "no Chromium found, set CHROME_PATH";

describe.skipIf(noBrowser)(`on a page${noBrowser ? ` (skipped: ${noBrowser})` : ""}`, () => {
  const flags = ["--enable-unsafe-webgpu", "--enable-dawn-features=disable_workgroup_init"];

  async function answers(device: string, dtype: string, shown: readonly string[]): Promise<number[][]> {
    const folder = dirname(createRequire(import.meta.url).resolve("@huggingface/transformers"));
    const runtime = join(folder, "../node_modules/onnxruntime-web/dist");
    const scripts = join(cwd, "scripts");
    mkdirSync(scripts, { recursive: true });
    copyFileSync(join(folder, "transformers.min.js"), join(scripts, "transformers.min.js"));
    for (const name of readdirSync(runtime)) {
      if (/^ort-wasm-simd-threaded\.asyncify\.(wasm|mjs)$/.test(name))
        copyFileSync(join(runtime, name), join(scripts, name));
    }
    writeFileSync(
      join(cwd, "index.html"),
      `<!doctype html><script type="module">
        import { env, pipeline } from "./scripts/transformers.min.js";
        env.allowRemoteModels = false;
        env.allowLocalModels = true;
        env.localModelPath = "/";
        env.backends.onnx.wasm.wasmPaths = new URL("/scripts/", location.href).href;
        globalThis.load = async (options) => {
          globalThis.classify = await pipeline("image-classification", "run-transformers-all", options);
        };
      </script>`,
    );
    const server = await serve(cwd, { isolated: false });
    onTestFinished(() => server.close());
    const browser = await openBrowser(flags, { gpu: device === "webgpu" });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${server.origin}/`);
    await page.waitForFunction(() => "load" in globalThis);
    await page.evaluate((options) => (globalThis as unknown as Page).load(options), { device, dtype });
    const found: number[][] = [];
    for (const path of shown) {
      const got = await page.evaluate(([path, top_k]) => (globalThis as unknown as Page).classify(path, { top_k }), [
        `/${relative(cwd, path)}`,
        labels.length,
      ] as const);
      found.push(centred(got));
    }
    return found;
  }

  /** Browsers decode JPEG and WebP files otherwise than Node, and lose colours under alpha: of the others, logits are compared. */
  const isExact = (i: number): boolean => paths[i]!.endsWith(".png") && i % 7 !== 6;

  test.each(["fp32", "fp16", "q8"] as const)(
    "%s answers as limbeck predict does, by WebAssembly",
    async (dtype) => {
      const found = await answers("wasm", dtype, paths.slice(0, isLong ? count : 24));
      const exact = [...found.keys()].filter(isExact);
      expectSame(
        dtype,
        exact.map((i) => found[i]!),
        exact,
      );
      expect(differences(found).same).toBeGreaterThanOrEqual(dtype === "q8" ? 0.9 : 0.95);
    },
    900_000,
  );

  test.skipIf(whyNoWebGpu)(
    "and by WebGPU",
    async () => {
      expect(differences(await answers("webgpu", "fp32", paths.slice(0, 6))).same).toBe(1);
    },
    300_000,
  );
});
