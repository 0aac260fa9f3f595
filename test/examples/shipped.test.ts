/** @file Examples that ship an exported student answer in a real browser as `limbeck predict` does, with one student that `npm run student` makes. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser, type Page } from "playwright-core";
import sharp from "sharp";
import { build, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePng } from "../../src/data/png.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { Prediction } from "../../src/entries/infer.ts";
import { serve } from "../browser/server.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { main, node } from "../cli/limbeck.ts";
import { repository } from "../package/install.ts";
import { loaded } from "../ship/students.ts";
import { copied, predicted } from "./project.ts";

const names = ["extension", "react", "service-worker"] as const;
const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`a shipped student${reason}`, () => {
  const folders = new Map<string, string>();
  const folderOf = (name: (typeof names)[number]): string => folders.get(name)!;
  let browser: Browser;
  let pictures: readonly string[];
  /** What `limbeck predict` says of each picture; and the exported student, as pages show it. */
  let expected: readonly Prediction[];
  let shown: readonly string[];

  beforeAll(async () => {
    for (const name of names) folders.set(name, await copied(name));
    const [first, ...others] = await Promise.all(names.map(makesStudent));
    expect(others).toEqual([first, first]);
    const made = folderOf("extension");
    for (const command of first!.split(" && ")) {
      const [program, ...args] = command.split(" ");
      expect(program).toBe("limbeck");
      await promisify(execFile)(node, [main, ...args], { cwd: made });
    }
    for (const name of ["react", "service-worker"] as const)
      await cp(join(made, "student"), join(folderOf(name), "student"), { recursive: true });
    const { test: images, shape } = shapes({ train: 1, test: 3 });
    pictures = await Promise.all(
      [0, 1, 2].map(async (i) => {
        const path = join(made, `picture-${i}.png`);
        await writeFile(path, imagePng(images, shape, i));
        return path;
      }),
    );
    expected = await predicted(join(made, "signs"), pictures);
    const { classify } = await loaded(join(made, "student"));
    const answers = await Promise.all(pictures.map(async (path) => classify(await pixels(path))));
    shown = answers.map(([best]) => `${best!.name}, ${(100 * best!.probability).toFixed(1)} %`);
    // In int8, probabilities are near the network's, not equal to them.
    for (const [i, [best]] of expected.entries()) {
      expect(answers[i]![0]!.name).toBe(best.name);
      expect(answers[i]![0]!.probability).toBeCloseTo(best.probability, 1);
    }
    expect(new Set(shown).size).toBe(pictures.length);
    browser = await openBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    for (const folder of folders.values()) await rm(folder, { recursive: true });
  });

  async function makesStudent(name: string): Promise<string> {
    return JSON.parse(await readFile(join(repository, "examples", name, "package.json"), "utf8")).scripts.student;
  }

  async function pixels(path: string) {
    const { data, info } = await sharp(path).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  }

  /** Chooses each picture, and waits for what the page is to show of it. */
  async function answers(page: Page): Promise<void> {
    for (const [i, picture] of pictures.entries()) {
      await page.getByLabel("A picture").setInputFiles(picture);
      await page.locator("li:first-child", { hasText: shown[i]! }).waitFor();
    }
  }

  test("React: the page compiles as strict TypeScript wants it, and classifies what is chosen", async () => {
    const folder = folderOf("react");
    await promisify(execFile)(join(repository, "node_modules/.bin/tsc"), { cwd: folder });
    await build({ root: folder, logLevel: "silent" });
    const server = await preview({ root: folder, logLevel: "silent", preview: { host: "127.0.0.1", port: 0 } });
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    await answers(page);
    await page.getByLabel("A picture").setInputFiles(join(folder, "package.json"));
    await page.getByRole("alert").getByText("package.json is no picture").waitFor();
    await page.close();
    await server.close();
  });

  test("the service worker answers when the server is gone, and after the browser has stopped it", async () => {
    const server = await serve(folderOf("service-worker"), { isolated: false });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${server.origin}/`);
    await page.locator("input:enabled").waitFor();
    await server.close();
    await page.reload();
    await page.locator("input:enabled").waitFor();
    await answers(page);
    const devtools = await context.newCDPSession(page);
    await devtools.send("ServiceWorker.enable");
    await devtools.send("ServiceWorker.stopAllWorkers");
    await answers(page);
    await page.getByLabel("A picture").setInputFiles(join(folderOf("service-worker"), "main.js"));
    await page.getByText("could not be decoded").waitFor();
    await context.close();
  });

  test("the extension says what a picture shows, on a page whose policy allows no scripts", async () => {
    const folder = folderOf("extension");
    const images = pictures.map((_, i) => `<img src="picture-${i}.png" alt="" width="64">`);
    await writeFile(
      join(folder, "index.html"),
      `<!doctype html>${images.join("")}<img src="content.js" alt="" width="64" height="64">`,
    );
    const server = await serve(folder, { isolated: false, policy: "default-src 'none'; img-src 'self'" });
    const profile = await mkdtemp(join(tmpdir(), "limbeck-profile-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: browserPath!,
      headless: false,
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-features=DisableLoadExtensionCommandLineSwitch",
        `--disable-extensions-except=${folder}`,
        `--load-extension=${folder}`,
      ],
    });
    const page = await context.newPage();
    await page.goto(`${server.origin}/`);
    for (const [i, text] of [...shown, "not classified: "].entries()) {
      await page.locator("img").nth(i).hover();
      await page.locator(`img:nth-of-type(${i + 1})[title^="${text}"]`).waitFor();
    }
    await context.close();
    await server.close();
    await rm(profile, { recursive: true });
  });
});
