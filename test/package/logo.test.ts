/** @file One drawing is the logo and every page's icon, and at 16 pixels it stands out from a light tab and a dark one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { icon } from "../../src/report/index.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { repository } from "./install.ts";

const read = (path: string): string => readFileSync(join(repository, path), "utf8");
const logo = read("docs/logo.svg");

test("exported pages, reports and the playground have the logo as their icon", () => {
  expect(read("src/ship/web/files/icon.svg")).toBe(logo);
  expect(decodeURIComponent(icon.replace("data:image/svg+xml,", ""))).toBe(logo.trim());
  expect(read("web/index.html")).toContain('<link rel="icon" href="../src/ship/web/files/icon.svg" />');
});

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`at 16 pixels${reason}`, () => {
  test.each(["#ffffff", "#1b1b1f"])("on %s at least a fifth of the pixels differ clearly from the tab", async (tab) => {
    const browser = await openBrowser();
    const page = await browser.newPage();
    const contrasts = await page.evaluate(
      async ([source, background]) => {
        const image = new Image();
        image.src = source!;
        await image.decode();
        const context = Object.assign(document.createElement("canvas"), { width: 16, height: 16 }).getContext("2d")!;
        context.fillStyle = background!;
        context.fillRect(0, 0, 16, 16);
        const luminance = (at: number): number => {
          const linear = [...context.getImageData(0, 0, 16, 16).data.subarray(at, at + 3)].map((byte) =>
            byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
          );
          return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
        };
        const behind = luminance(0);
        context.drawImage(image, 0, 0, 16, 16);
        return Array.from({ length: 256 }, (_, i) => {
          const [low, high] = [behind, luminance(4 * i)].toSorted((a, b) => a - b) as [number, number];
          return (high + 0.05) / (low + 0.05);
        });
      },
      [icon, tab],
    );
    await browser.close();
    // 3:1 is what WCAG asks of graphics.
    expect(contrasts.filter((contrast) => contrast >= 3).length).toBeGreaterThan(256 / 5);
  });
});
