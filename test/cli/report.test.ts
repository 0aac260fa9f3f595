import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { report } from "../../src/report/report.ts";
import { browserPath, openBrowser } from "./browser.ts";
import { exampleReport } from "./example-runs.ts";

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`the report in a browser${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-report-"));
  const file = join(folder, "report.html");
  let browser: Browser;

  beforeAll(async () => {
    const classes = exampleReport().classes.with(0, `</script><img src=x onerror="throw 1">`);
    writeFileSync(file, report(exampleReport(classes)));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(colorScheme: "light" | "dark", width: number): Promise<{ page: Page; complaints: string[] }> {
    const complaints: string[] = [];
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await page.locator(".uplot").first().waitFor();
    return { page, complaints };
  }

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const)(
    "%s, %i wide: draws all, complains of nothing, asks for nothing, does not scroll sideways",
    async (scheme, width) => {
      const { page, complaints } = await open(scheme, width);
      expect(await page.locator(".uplot canvas").count()).toBe(4);
      expect(await page.locator(".gallery img").count()).toBe(24);
      expect(await page.evaluate(() => [...document.images].every((image) => image.naturalWidth === 32))).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test("the confusion matrix of each run can be chosen from the keyboard", async () => {
    const { page } = await open("light", 1280);
    const shown = (): Promise<string[]> => page.locator(".matrix caption:visible").allInnerTexts();
    await page.locator("#show-0").focus();
    await page.keyboard.press("Space");
    expect(await shown()).toEqual([expect.stringMatching(/^Teacher: /)]);
    await page.keyboard.press("ArrowRight");
    expect(await shown()).toEqual([expect.stringMatching(/^Student alone: /)]);
    await page.close();
  });

  test("a run's curve is hidden and shown from the keyboard", async () => {
    const { page } = await open("light", 1280);
    const name = page.getByRole("button", { name: "Student alone" });
    await name.focus();
    await page.keyboard.press("Enter");
    expect(await name.getAttribute("aria-pressed")).toBe("false");
    await page.keyboard.press("Enter");
    expect(await name.getAttribute("aria-pressed")).toBe("true");
    await page.close();
  });

  test("text keeps a contrast of 4.5 to 1 against the ground", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await open(scheme, 1280);
      const contrast = await page.evaluate(() => {
        const luminance = (colour: string): number => {
          const [r, g, b] = colour
            .match(/[\d.]+/g)!
            .map((part) => Number(part) / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
        };
        const ground = luminance(getComputedStyle(document.body).backgroundColor);
        const texts = ["h1", ".quiet", ".caution", "td", ".miss"].map((selector) =>
          luminance(getComputedStyle(document.querySelector(selector)!).color),
        );
        return texts.map((text) => (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05));
      });
      for (const ratio of contrast) expect(ratio).toBeGreaterThanOrEqual(4.5);
      await page.close();
    }
  });
});
