/** @file The WebGPU engine in a real browser: a page's worker gives the bits that Node gives, on the same software driver. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { describe, expect, onTestFinished, test } from "vitest";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { cases } from "../engines/cases/index.ts";
import { openOnSwiftShader, whyNoWebGpu } from "../engines/swiftshader.ts";
import { chosen, isLong, skipped } from "../engines/tested.ts";
import { bitsOf } from "./gpu-page/bits.ts";
import type { BitsInWorker } from "./gpu-page/main.ts";
import { serve } from "./server.ts";

declare const bitsInWorker: BitsInWorker;

/** Of cases, the first of each operation and one in so many of the rest; of graphs, so many. */
const [oneIn, graphs] = [100, isLong ? 200 : 5];
const missing = browserPath ? whyNoWebGpu : "no Chromium found, set CHROME_PATH";

/** NOTE: without the first, a browser has no adapter where there is no GPU; the second, as in Node, spares the driver most of its compiling. */
const flags = ["--enable-unsafe-webgpu", "--enable-dawn-features=disable_workgroup_init"];

describe.skipIf(missing)(skipped("a page's worker on WebGPU", missing), () => {
  test(
    "operations, random graphs and a training have the bits that Node gives",
    async () => {
      const asked = {
        cases: chosen([...cases.keys()], oneIn, (place) => cases[place]!.op),
        graphs: Array.from({ length: graphs }, (_, i) => `graph ${i}`),
      };
      const page = await openPage();
      const [inPage, inNode] = [
        await page.evaluate((asked) => bitsInWorker(asked), asked),
        await bitsOf(await openOnSwiftShader(), asked),
      ];
      expect(Object.keys(inPage).length).toBeGreaterThan(asked.cases.length + graphs);
      expect(inPage).toEqual(inNode);
    },
    isLong ? 900_000 : 240_000,
  );
});

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The page, built as the playground is, served and opened; all of it goes when the test ends. */
async function openPage() {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-gpu-page-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await build({
    root: path("gpu-page"),
    configFile: path("../../web/vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder },
  });
  const server = await serve(folder, { isolated: false });
  onTestFinished(() => server.close());
  const browser = await openBrowser(flags);
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => "bitsInWorker" in globalThis);
  return page;
}
