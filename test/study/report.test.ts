/** @file The report of a study: what it says, and how it looks in a browser. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath, brokenRules, openBrowser, openReport } from "../cli/browser.ts";
import { studyReport } from "../../src/study/report/study-report.ts";
import { exampleStudy } from "./example-study.ts";

const few = exampleStudy({ methods: 3, seeds: 5, groups: ["LightNN", "resnet8"] });

describe("the page", async () => {
  const page = await studyReport(few);

  test("has each comparison with all columns, its gains over each other and its distribution", () => {
    for (const group of ["LightNN", "resnet8"]) {
      expect(page).toContain(`aria-label="Accuracy and gain, ${group}"`);
      expect(page).toContain(`aria-label="Spread and cost, ${group}"`);
      expect(page).toContain(`aria-label="Gains over each other, ${group}"`);
    }
    for (const heading of ["Seeds needed", "P(better)", "IQM", "Multiply-adds", "Time"])
      expect(page.split(`scope="col" class="">${heading}</th>`)).toHaveLength(3);
    expect(page).toContain("Share of runs above an accuracy");
    expect(page).toContain("Share of runs above a gain");
    expect(page).toContain("In 1 of 2 comparisons a method is better than noise.");
  });

  test("has what its curves are drawn of: the mean of the seeds and a deviation to each side", () => {
    const { plots } = JSON.parse(/id="curves">\s*(.*?)\s*<\/script>/s.exec(page)?.[1] ?? "");
    const [{ curves }] = plots;
    const { curves: known } = few.groups[0]!.comparison.rows[1]!;
    expect(curves[0].title).toBe("student alone");
    for (const [i, { mean, deviation = 0 }] of known.validationAccuracy.entries()) {
      expect(curves[0].smooth[i]).toBe(mean);
      expect(curves[0].band.high[i] - curves[0].band.low[i]).toBeCloseTo(2 * deviation, 10);
    }
  });

  test("names failures with their reasons, what is missing, every machine, and how to make it again", () => {
    expect(page).toContain("Set aside: DIVERGED: &lt;b&gt;the loss&lt;/b&gt; is NaN at step 3");
    expect(page).toContain("2 runs are not finished");
    expect(page).toContain("linux x64, 2 x Example Processor: 32 runs; linux x64, 4 x Another Processor: 8 runs");
    expect(page).toContain("their training times cannot be compared");
    expect(page).toContain("limbeck study study.yaml --out studies/invented");
    expect(page).toContain("0123456789abcdef".repeat(4));
  });

  test("of no run says so", async () => {
    const none = { ...few, groups: [], runs: [], troubles: [], unfinished: 0, protocol: [] };
    const empty = await studyReport(none);
    expect(empty).toContain("<h1>No student has finished.</h1>");
    expect(empty.slice(0, empty.lastIndexOf("<script>"))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

/** Of the first plot: without its rows nothing but the grey of axes is left. */
async function colouredPixels(page: Page): Promise<number> {
  const canvas = page.locator(".uplot canvas").first();
  await canvas.waitFor();
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const pixels = element.getContext("2d")!.getImageData(0, 0, element.width, element.height).data;
    let found = 0;
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3]! > 20 && Math.max(...pixels.slice(i, i + 3)) - Math.min(...pixels.slice(i, i + 3)) > 40)
        found++;
    return found;
  });
}

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`in a browser${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-study-report-"));
  const fileOf = (name: string): string => join(folder, `${name}.html`);
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(fileOf("one"), await studyReport(exampleStudy({ methods: 0, seeds: 1 })));
    writeFileSync(fileOf("one epoch"), await studyReport(exampleStudy({ methods: 1, seeds: 1, epochs: 1 })));
    writeFileSync(fileOf("few"), await studyReport(few));
    writeFileSync(fileOf("200"), await studyReport(exampleStudy({ methods: 66, seeds: 3 })));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["one", "light", 390, 2],
    ["few", "light", 1280, 7],
    ["few", "dark", 390, 7],
    ["200", "dark", 390, 2],
  ] as const)(
    "%s, %s, %i wide: draws all, complains of nothing, asks for nothing, does not scroll sideways, breaks no rule of axe",
    async (name, colorScheme, width, plots) => {
      const { page, complaints } = await openReport(browser, fileOf(name), colorScheme, width);
      expect(await page.locator(".uplot canvas").count()).toBe(plots);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await brokenRules(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
    60_000,
  );

  test("a row that is hidden in the legend takes its band with it", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(fileOf("few")).href);
    expect(await colouredPixels(page)).toBeGreaterThan(1000);
    const names = page.locator(".uplot").first().locator(".u-series:not(.raw):not(:first-child) th");
    for (let i = 0; i < (await names.count()); i++) await names.nth(i).click();
    await page.waitForTimeout(200);
    expect(await colouredPixels(page)).toBe(0);
    await page.close();
  }, 60_000);

  test("curves of one epoch are points", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(fileOf("one epoch")).href);
    expect(await colouredPixels(page)).toBeGreaterThan(20);
    await page.close();
  }, 60_000);
});
