/** @file The wasm engine in a real browser: the bits that Node gives, with and without shared memory. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createModel, saveModel, shapes } from "../../src/entries/index.ts";
import { loadModel, predict, wasmEngine } from "../../src/entries/infer.ts";
import { initialise, torchRandom } from "../../src/entries/nn.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";
import type { Limbeck } from "./page/main.ts";
import type { Server } from "./listening.ts";
import { serve } from "./server.ts";
import { buildSite, type Site } from "./site.ts";
import { trainLightNN, type Trained } from "./training.ts";

declare const limbeck: Limbeck;

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`the wasm engine in a page built by Vite${reason}`, () => {
  let inNode: Trained;
  let site: Site;
  let isolated: Server;
  let plain: Server;
  let browser: Browser;

  beforeAll(async () => {
    inNode = await trainLightNN(await wasmEngine({ threads: 2 }));
    site = await buildSite();
    isolated = await serve(site.folder, { isolated: true });
    plain = await serve(site.folder, { isolated: false });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([isolated?.close(), plain?.close(), site?.remove()]);
  });

  /** A new page, what it complained of, and how many workers it started. */
  async function open(url: string, prepare?: (page: Page) => Promise<unknown>) {
    const page = await browser.newPage();
    const seen = { complaints: [] as string[], workers: 0 };
    page.on("console", (message) => seen.complaints.push(message.text()));
    page.on("pageerror", (error) => seen.complaints.push(String(error)));
    page.on("worker", () => seen.workers++);
    await prepare?.(page);
    await page.goto(url);
    await page.waitForFunction(() => "limbeck" in globalThis);
    return { page, seen };
  }

  test("the bundler finds all it needs and nothing of Node's", () => {
    expect(site.warnings).toEqual([]);
  });

  test("asking a page for photographs ends in an error that says what to take instead", async () => {
    const { page } = await open(plain.origin);
    expect(await page.evaluate(() => limbeck.loadPhotographs())).toMatch(/^UNSUPPORTED: .*take shapes/);
    await page.close();
  });

  test("a cross-origin isolated page trains on two threads to the bits of Node", async () => {
    const { page, seen } = await open(isolated.origin);
    const ending = await page.evaluate(() => limbeck.train(2));
    expect(ending).toEqual({ trained: { ...inNode, engine: expect.stringContaining("2 threads, 128-bit fused") } });
    expect(seen).toEqual({ complaints: [], workers: 2 });
    await page.close();
  });

  test("a page that cannot share memory trains on its own thread to the same bits", async () => {
    const { page, seen } = await open(plain.origin);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    const ending = await page.evaluate(() => limbeck.train(2));
    expect(ending).toEqual({ trained: { ...inNode, engine: expect.stringContaining("1 thread, 128-bit fused") } });
    expect(seen).toEqual({ complaints: [], workers: 0 });
    await page.close();
  });

  test.each([
    ["isolated", "2 threads", 3],
    ["plain", "1 thread", 1],
  ] as const)("a worker of a page that is %s trains on %s to the same bits", async (kind, threads, workers) => {
    const { page, seen } = await open({ isolated, plain }[kind].origin);
    const ending = await page.evaluate(() => limbeck.trainInWorker(2));
    expect(ending).toEqual({ trained: { ...inNode, engine: expect.stringContaining(`${threads}, 128-bit fused`) } });
    expect(seen).toEqual({ complaints: [], workers });
    await page.close();
  });

  test("a page predicts what it has in any form to the bit as Node does from the same pixels", async () => {
    const [drawn, network] = [shapes({ train: 1, test: 1 }), createModel("resnet8", { inputShape: [3, 32, 32] })];
    const values = initialise(network.module, torchRandom(1));
    const node = await wasmEngine({ threads: 1 });
    for (const [state, drawn] of values) await node.write(state, drawn);
    const dataset = { ...drawn, preparation: { resize: 37, exif: true } };
    const file = await saveModel(network, node, { dataset });
    const { page, seen } = await open(isolated.origin);
    const found = await page.evaluate((file) => limbeck.predict(file), Buffer.from(file).toString("base64"));
    await page.close();
    expect(seen.complaints).toEqual([]);
    const image = { data: Uint8ClampedArray.from(found.pixels), width: 96, height: 70 };
    const expected = await predict(await loadModel(file, node), image);
    await node.close();
    expect(Object.keys(found.answers)).toHaveLength(8);
    for (const [form, answer] of Object.entries(found.answers)) expect([form, answer]).toEqual([form, expected]);
  });

  const brokenThreads = [
    ["is not there", { status: 404 }, /failed: its script could not be loaded/],
    ["fails at once", { contentType: "text/javascript", body: "throw new Error('no luck')" }, /failed: .*no luck/],
    [
      "fails at its first command",
      { contentType: "text/javascript", body: "onmessage = () => { throw new Error('bad luck') }" },
      /failed: .*bad luck/,
    ],
  ] as const;

  test.each(brokenThreads)("a thread whose script %s ends in an error with a code", async (_, answer, message) => {
    const { page } = await open(isolated.origin, (page) =>
      page.route("**/worker-web-*", (route) => route.fulfill({ headers: coep, ...answer })),
    );
    const ending = await page.evaluate(() => limbeck.train(2));
    expect(ending).toEqual({
      failed: { isLimbeckError: true, code: "ENGINE", message: expect.stringMatching(message) },
    });
    await page.close();
  });

  test("a library from another origin is refused threads, with the remedy", async () => {
    const html = await readFile(join(site.folder, "index.html"), "utf8");
    const foreign = html.replaceAll('"/assets/', `"${plain.origin}/assets/`);
    await writeFile(join(site.folder, "foreign.html"), foreign);
    const { page } = await open(`${isolated.origin}/foreign.html`);
    const ending = await page.evaluate(() => limbeck.train(2));
    expect(ending).toEqual({
      failed: { isLimbeckError: true, code: "ENGINE", message: expect.stringMatching(/from the page's own origin/) },
    });
    await page.close();
  });
});

/** Without it the browser refuses the script before it runs it. */
const coep = { "Cross-Origin-Embedder-Policy": "require-corp" };
