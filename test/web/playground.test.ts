/** @file The playground in a real browser, from the click to the student that the command line evaluates. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type axeCore from "axe-core";
import { unzipSync } from "fflate";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shapes } from "../../src/entries/index.ts";
import { loadModel, predict, wasmEngine } from "../../src/entries/infer.ts";
import type * as Student from "../../src/ship/web/files/student.d.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { limbeck } from "../cli/limbeck.ts";
import { serve, type Server } from "../browser/server.ts";
import { buildPlayground, type Site } from "./site.ts";

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

/** A lesson of a second or two. */
const quick = "?teacher=resnet8&methods=kd&epochs=1&images=256";

describe.skipIf(!browserPath)(`the playground${reason}`, () => {
  let site: Site;
  let isolated: Server;
  let plain: Server;
  let browser: Browser;

  beforeAll(async () => {
    site = await buildPlayground();
    isolated = await serve(site.folder, { isolated: true });
    plain = await serve(site.folder, { isolated: false });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([isolated?.close(), plain?.close(), site?.remove()]);
  });

  /** A new page, and what it complained of. */
  async function open(address: string): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(address);
    await page.getByRole("button", { name: "Start" }).and(page.locator(":enabled")).waitFor();
    return { page, complaints };
  }

  async function train(page: Page): Promise<void> {
    await page.getByRole("button", { name: /^Start/ }).click();
    await page.getByRole("status").getByText(/^Done/).waitFor();
  }

  async function violations(page: Page): Promise<readonly string[]> {
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axeCore }).axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }

  test("one click trains three networks, and the command line evaluates the student to the accuracy shown", async () => {
    const { page, complaints } = await open(`${isolated.origin}/${quick}`);
    await train(page);
    await expect.soft(page.getByText(/wasm: \d+ threads?/).textContent()).resolves.toMatch(/wasm/);
    const shown = await page.getByRole("region", { name: "The student, taught" }).locator(".figure").textContent();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Weights of Soft targets" }).click();
    const file = await (await downloading).path();
    const { code, stdout, stderr } = await limbeck(["evaluate", file, "--limit", "500", "--json", "--threads", "1"]);
    expect(stderr).not.toContain("rror");
    expect(code).toBe(0);
    const { accuracy } = JSON.parse(stdout) as { readonly accuracy: number };
    expect(shown).toMatch(new RegExp(`^${accuracy.toFixed(1)} `));

    const packing = page.waitForEvent("download");
    await page.getByRole("button", { name: "Web page of Soft targets" }).click();
    const files = unzipSync(await readFile(await (await packing).path()));
    const folder = join(site.folder, "student");
    await mkdir(folder);
    await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
    const { load } = (await import(join(folder, "student.js"))) as typeof Student;
    const student = await load({ wasm: files["student.wasm"]!, weights: files["weights.bin"]! });
    const { test: split } = shapes({ train: 1, test: 1 });
    const picture = { data: rgba(split.image(0)), width: 32, height: 32 };
    const engine = await wasmEngine({ threads: 1 });
    const network = await loadModel(await readFile(file), engine);
    const [expected] = await predict(network, { ...picture, data: new Uint8ClampedArray(picture.data) });
    await engine.close();
    const answers = student.classify(picture);
    expect(answers[0]!.name).toBe(expected![0].name);
    expect(answers[0]!.probability).toBeCloseTo(expected![0].probability, 5);

    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("without shared memory it trains on one thread to the same numbers, and says so", async () => {
    const figures = async (origin: string): Promise<readonly string[]> => {
      const { page } = await open(`${origin}/${quick}`);
      await train(page);
      const told = await page.locator(".figure").allTextContents();
      const notes = await page.locator("footer").textContent();
      await page.close();
      return [...told, String(notes?.includes("may not share memory"))];
    };
    const [alone, shared] = [await figures(plain.origin), await figures(isolated.origin)];
    expect(alone.at(-1)).toBe("true");
    expect(alone).toEqual([...shared.slice(0, -1), "true"]);
  });
});

/** Pixels as a canvas has them. */
function rgba(planes: Uint8Array): Uint8Array {
  const plane = planes.length / 3;
  return Uint8Array.from({ length: 4 * plane }, (_, i) => (i % 4 === 3 ? 255 : planes[(i % 4) * plane + (i >> 2)]!));
}
