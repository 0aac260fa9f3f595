import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { report } from "../../src/report/report.ts";
import { browserPath, brokenRules, openBrowser, openReport } from "./browser.ts";
import { exampleReport } from "./example-runs.ts";

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`the report in a browser${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-report-"));
  const fileOf = (name: string): string => join(folder, `${name}.html`);
  let browser: Browser;

  beforeAll(async () => {
    const few = exampleReport();
    const classes = few.classes.with(0, `</script><img src=x onerror="throw 1">`);
    writeFileSync(fileOf("students"), await report(exampleReport(classes)));
    writeFileSync(fileOf("everything"), await report({ ...few, runs: few.runs.map(withEverything) }));
    const many = Array.from({ length: 100 }, (_, i) => `a class with a long name, number ${i}`);
    writeFileSync(fileOf("many"), await report(exampleReport(many)));
    const [teacher] = few.runs as [RunRecord];
    const epochs = teacher.epochs.map((epoch) => ({
      ...epoch,
      validationAccuracy: 50 + epoch.epoch,
      validationLoss: 1.5,
    }));
    const one = { ...teacher, name: "model", epochs };
    writeFileSync(fileOf("one"), await report({ ...few, runs: [one], steps: { model: few.steps["teacher"]! } }));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const open = (name: string, scheme: "light" | "dark", width: number) =>
    openReport(browser, fileOf(name), scheme, width);

  test.each([
    ["everything", "light", 1280, 4],
    ["everything", "dark", 390, 4],
    ["students", "light", 1280, 4],
    ["students", "dark", 390, 4],
    ["many", "dark", 1280, 4],
    ["many", "light", 390, 4],
    ["one", "light", 1280, 2],
    ["one", "dark", 390, 2],
  ] as const)(
    "%s, %s, %i wide: draws all, complains of nothing, asks for nothing, does not scroll sideways, breaks no rule of axe",
    async (name, scheme, width, plots) => {
      const { page, complaints } = await open(name, scheme, width);
      expect(await page.locator(".uplot canvas").count()).toBe(plots);
      expect(await page.locator(".reliability svg").count()).toBe(name === "one" ? 1 : 5);
      expect(await page.locator(".gallery img").count()).toBe(name === "one" ? 0 : 24);
      expect(await page.evaluate(() => [...document.images].every((image) => image.naturalWidth === 32))).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      // Every table is whole, or says that it goes on to the right.
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("table")]
          .filter((table) => table.checkVisibility() && table.getBoundingClientRect().right > innerWidth)
          .filter((table) => {
            const hint = table.closest(".scroll")?.previousElementSibling as HTMLElement | null;
            return !(hint?.matches(".hint") && hint.checkVisibility());
          })
          .map((table) => table.className),
      );
      expect(cut).toEqual([]);
      expect(await brokenRules(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
    60_000,
  );

  test("bars, heat and colours are those of the figures, without a script too", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    for (const page of [(await open("students", "light", 1280)).page, await context.newPage()]) {
      await page.goto(pathToFileURL(fileOf("students")).href);
      const { runs } = exampleReport();
      const bars = page.locator(".runs .track i");
      expect(await bars.count()).toBe(runs.length);
      for (const [i, run] of runs.entries()) {
        const [bar, track] = [await bars.nth(i).boundingBox(), await page.locator(".runs .track").nth(i).boundingBox()];
        expect((100 * bar!.width) / track!.width).toBeCloseTo(run.test.accuracy, 0);
      }
      const declared = (selector: string, name: string): Promise<string> =>
        page
          .locator(selector)
          .first()
          .evaluate((element, of) => getComputedStyle(element).getPropertyValue(of), name);
      expect(Number(await declared(".confusion tbody td:nth-of-type(1)", "--share"))).toBeGreaterThan(0.5);
      expect(await declared(".reliability figure", "--colour")).not.toBe("");
      expect(await declared(".classes .bar", "--at")).toMatch(/^[\d.]+%$/);
    }
    await context.close();
  });

  test.each([
    ["students", "light", 1280],
    ["students", "dark", 390],
    ["everything", "dark", 1280],
    ["everything", "light", 1024],
    ["everything", "light", 800],
    ["everything", "light", 390],
  ] as const)(
    "%s, %s, %i wide: bars are drawn to one scale, in every row and every column, and wide enough to be read",
    async (name, scheme, width) => {
      const { page } = await open(name, scheme, width);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const { runs } = exampleReport();
      const scales = await page.locator(".runs .track").evaluateAll((tracks) =>
        tracks.map((track) => ({
          drawn: track.querySelector("i")!.getBoundingClientRect().width,
          all: track.getBoundingClientRect().width,
        })),
      );
      expect(scales).toHaveLength(runs.length);
      for (const [i, { drawn, all }] of scales.entries()) {
        expect(all).toBeGreaterThan(100);
        expect(drawn / runs[i]!.test.accuracy).toBeCloseTo(scales[0]!.all / 100, 1);
      }
      const bars = page.locator(".classes tbody tr:nth-child(-n+4) .bar");
      const perPoint: number[] = [];
      for (const bar of await bars.all()) {
        const points = Number(await bar.innerText());
        if (points > 15) perPoint.push((await drawnWidth(bar)) / points);
      }
      expect(perPoint.length).toBeGreaterThan(15);
      expect(Math.max(...perPoint) / Math.min(...perPoint)).toBeLessThan(1.06);
      expect(Math.min(...perPoint)).toBeGreaterThan(0.5);
      await page.close();
    },
    60_000,
  );

  test("its policy keeps out scripts and styles that are not the page's own", async () => {
    const { page, complaints } = await open("students", "light", 1280);
    expect(complaints).toEqual([]);
    const refused = await page.evaluate(async () => {
      const violations: string[] = [];
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violations.push(effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "globalThis.injected = true";
      document.body.append(script);
      document.body.insertAdjacentHTML(
        "beforeend",
        `<img src="data:," onerror="globalThis.injected = true" /><p id="styled" style="color: red"></p><style>h1 { color: red }</style>`,
      );
      await new Promise((later) => setTimeout(later, 200));
      return violations;
    });
    expect(refused.toSorted()).toEqual(["script-src-attr", "script-src-elem", "style-src-attr", "style-src-elem"]);
    expect(await page.evaluate(() => "injected" in globalThis)).toBe(false);
    for (const selector of ["h1", "#styled"]) {
      expect(await page.locator(selector).evaluate((element) => getComputedStyle(element).color)).not.toBe(
        "rgb(255, 0, 0)",
      );
    }
    await page.close();
  });

  test("the command is copied where the reader allows it, and selected where not", async () => {
    const { page } = await open("students", "light", 1280);
    const { command } = exampleReport();
    const button = page.getByRole("button", { name: "Copy" });
    // A page of a file may write to the clipboard in answer to a key or a click.
    await page.evaluate(() => {
      Object.defineProperty(navigator, "clipboard", { configurable: true, value: undefined });
    });
    await button.focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => String(getSelection()))).toBe(command);
    expect(await page.locator("#copied").innerText()).toMatch(/^Selected/);
    await page.close();

    const again = await open("students", "light", 1280);
    await again.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await again.page.getByRole("button", { name: "Copy" }).click();
    await again.page.getByText("Copied.").waitFor();
    expect(await again.page.evaluate(() => navigator.clipboard.readText())).toBe(command);
    await again.page.context().clearPermissions();
    await again.page.close();
  });

  test("a class is found among many by a part of its name", async () => {
    const { page } = await open("many", "light", 1280);
    await page.getByLabel("Find a class").fill("NUMBER 42");
    expect(await page.locator("#class-table tbody tr:visible th").allInnerTexts()).toEqual([
      "a class with a long name, number 42",
    ]);
    expect(await page.locator("#class-found").innerText()).toBe("1 of 100 classes");
    await page.getByLabel("Find a class").fill("");
    expect(await page.locator("#class-table tbody tr:visible").count()).toBe(100);
    await page.close();
  });

  test("printed, a long table is whole and what only a screen can use is gone", async () => {
    const { page } = await open("many", "dark", 1280);
    await page.emulateMedia({ media: "print" });
    const whole = await page
      .locator(".scroll.tall")
      .evaluate((region) => region.scrollHeight <= region.clientHeight + 1);
    expect(whole).toBe(true);
    expect(await page.locator("button:visible, .hint:visible, nav:visible, #class-search:visible").count()).toBe(0);
    await page.close();
  });

  test("the confusion matrix of each run can be chosen from the keyboard", async () => {
    const { page } = await open("students", "light", 1280);
    const shown = (): Promise<string[]> => page.locator(".panel h3:visible").allInnerTexts();
    await page.locator("#show-0").focus();
    await page.keyboard.press("Space");
    expect(await shown()).toEqual([expect.stringMatching(/^Teacher: /)]);
    await page.keyboard.press("ArrowRight");
    expect(await shown()).toEqual([expect.stringMatching(/^Student alone: /)]);
    await page.close();
  });

  test("a run's curve is hidden and shown from the keyboard", async () => {
    const { page } = await open("students", "light", 1280);
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
      const { page } = await open("students", scheme, 1280);
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

/** A run with a figure in every column of the report's first table. */
function withEverything(run: RunRecord): RunRecord {
  const { accuracy, interval, correct, count } = run.test;
  const figures = { accuracy, interval, correct, count };
  return {
    ...run,
    train: figures,
    test: { ...run.test, augmented: { tta: "flip+shift", passes: 6, ...figures }, isUnequal: true },
  };
}

/** Pixels of a bar, from the left, that have its colour. */
async function drawnWidth(bar: Locator): Promise<number> {
  const { data, info } = await sharp(await bar.screenshot())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const row = (x: number): readonly number[] => [...data.subarray((info.width + x) * info.channels).subarray(0, 3)];
  // A bar may begin amid a pixel, and a gradient is dithered.
  const colour = row(2);
  const isSame = (x: number): boolean => row(x).every((value, channel) => Math.abs(value - colour[channel]!) < 5);
  let width = 2;
  while (width < info.width && isSame(width)) width++;
  return width;
}
