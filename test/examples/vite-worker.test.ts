/** @file examples/vite-worker: in a real browser, built and while developing, the page shows what `limbeck predict` says. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build, createServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { project, type Project } from "./project.ts";

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`the page${reason}`, () => {
  let vite: Project;
  let browser: Browser;
  beforeAll(async () => {
    [vite, browser] = await Promise.all([project("vite-worker"), openBrowser()]);
    await mkdir(join(vite.folder, "public"));
    await cp(vite.weights, join(vite.folder, "public/student.safetensors"));
    await writeFile(join(vite.folder, "no.png"), "no picture");
  });
  afterAll(async () => {
    await browser?.close();
    await vite?.remove();
  });

  /** What the page shows of a picture: names and whole probabilities. */
  async function shown(page: Page, picture: string): Promise<unknown[]> {
    await page.locator("ol").evaluate((list) => list.replaceChildren());
    await page.getByLabel("A picture").setInputFiles(picture);
    await page.locator("li").first().waitFor();
    return page
      .locator("li")
      .evaluateAll((items) =>
        items.map((item) => [item.textContent?.split(",")[0]?.trim(), item.querySelector("meter")?.value]),
      );
  }

  async function answersAsLimbeckDoes(url: string): Promise<void> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(url);
    for (const [i, picture] of vite.pictures.entries()) {
      expect(await shown(page, picture)).toEqual(vite.expected[i]!.map(({ name, probability }) => [name, probability]));
    }
    await page.getByLabel("A picture").setInputFiles(join(vite.folder, "no.png"));
    await page.getByText("should be a picture that this browser can decode").waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  }

  test("built", async () => {
    await build({ root: vite.folder, logLevel: "silent" });
    const server = await preview({ root: vite.folder, logLevel: "silent", preview: { host: "127.0.0.1", port: 0 } });
    await answersAsLimbeckDoes(server.resolvedUrls!.local[0]!);
    await server.close();
  });

  test("while developing", async () => {
    const server = await createServer({
      root: vite.folder,
      logLevel: "silent",
      server: { host: "127.0.0.1", port: 0 },
    });
    await server.listen();
    await answersAsLimbeckDoes(server.resolvedUrls!.local[0]!);
    await server.close();
  });
});
