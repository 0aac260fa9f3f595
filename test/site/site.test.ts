/** @file The site, built as `npm run docs` builds it: every link, and in a real browser what it loads, how it reads, and the student that answers. */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../browser/listening.ts";
import { serve } from "../browser/server.ts";
import { browserPath, brokenRules, noteComplaints, openBrowser } from "../cli/browser.ts";
import { repository } from "../package/install.ts";

/** Not at the root of its host, where an address without it would go unnoticed. */
const base = "/limbeck/";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limbeck-site-"));
  const build = join(repository, "site/build.ts");
  await promisify(execFile)(process.execPath, [build, "--base", base, "--out", join(folder, base)], {
    maxBuffer: 2 ** 26,
  });
}, 600_000);
afterAll(() => rm(folder, { recursive: true }));

/** The built pages, without those of the playground, the student and the sources' own text. */
const pagesOf = (): readonly string[] =>
  globSync("**/*.html", { cwd: join(folder, base) }).filter((page) => !/^(playground|student)\//.test(page));

const textOf = (page: string): string => readFileSync(join(folder, base, page), "utf8");

test("links lead to files and headings that are there", () => {
  const ids = new Map<string, ReadonlySet<string>>();
  const idsOf = (file: string): ReadonlySet<string> => {
    const known =
      ids.get(file) ?? new Set([...readFileSync(file, "utf8").matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!));
    ids.set(file, known);
    return known;
  };
  let followed = 0;
  const dead = pagesOf().flatMap((page) =>
    [...textOf(page).matchAll(/ (?:href|src)="([^"]*)"/g)].flatMap(([, link]) => {
      const { origin, pathname, hash } = new URL(link!, `http://site${base}${page}`);
      if (origin !== "http://site") return [];
      followed++;
      const path = join(folder, decodeURIComponent(pathname));
      const file = pathname.endsWith("/") ? join(path, "index.html") : path;
      if (!existsSync(file)) return [`${page}: ${link}`];
      const id = decodeURIComponent(hash.slice(1)).replaceAll("&amp;", "&");
      return id === "" || idsOf(file).has(id) ? [] : [`${page}: ${link}`];
    }),
  );
  expect(followed).toBeGreaterThan(1000);
  expect([...new Set(dead)]).toEqual([]);
});

test("each command, entry and method has its place", () => {
  const { exports } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { exports: object };
  for (const entry of Object.keys(exports).filter((name) => !/\*|json/.test(name)))
    expect(pagesOf()).toContain(`reference/api/${entry === "." ? "limbeck" : entry.slice(2)}.html`);
  expect(textOf("reference/cli/distill.html")).toContain("--teacher-labels");
  expect(textOf("reference/api/tensor.html")).toContain('id="conv2d"');
  expect(textOf("reference/names/methods.html")).toContain("https://arxiv.org/abs/1503.02531");
  expect(textOf("concepts/architecture.html")).toMatch(/<svg[^]*>experiment<\/text>/);
});

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`in Chromium${reason}`, () => {
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    server = await serve(folder, { isolated: false });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page, with what it asked for and what it complains of. */
  async function open(path: string, colorScheme: "light" | "dark" = "light", width = 1280) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const complaints: string[] = [];
    const requests: string[] = [];
    noteComplaints(page, complaints);
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${server.origin}${base}${path}`, { waitUntil: "networkidle" });
    return { page, complaints, requests };
  }
  const overflow = (page: Page): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  const looks = ["index.html", "guide/start.html", "guide/try.html", "guide/ship.html", "concepts/overview.html"];
  const references = ["reference/cli/distill.html", "reference/api/tensor.html", "reference/names/methods.html"];

  test.each([...looks, ...references, "reference/settings.html", "results/records.html", "concepts/architecture.html"])(
    "%s: clean, dark and light, at 1280 and 390 pixels, from here alone",
    async (path) => {
      for (const [colours, width] of [
        ["light", 1280],
        ["dark", 390],
      ] as const) {
        const { page, complaints, requests } = await open(path, colours, width);
        expect(await brokenRules(page), `${colours} ${width}`).toEqual([]);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(complaints).toEqual([]);
        expect(requests.filter((url) => !url.startsWith(server.origin) && !url.startsWith("data:"))).toEqual([]);
        await page.close();
      }
    },
  );

  test.each(["index.html", "guide/start.html", "guide/ship.html"])("%s loads less than 150 kB", async (path) => {
    const { page, requests } = await open(path);
    const sizes = [...new Set(requests)].map((url) => {
      const bytes = readFileSync(join(folder, new URL(url).pathname));
      return /\.(png|webp)$/.test(url) ? bytes.length : gzipSync(bytes).length;
    });
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
    await page.close();
  });

  test("the search finds a setting and a function, from an index of its own", async () => {
    const { page } = await open("guide/start.html");
    await page.getByRole("button", { name: "Search" }).first().click();
    await page.getByRole("searchbox").fill("temperature");
    await page.locator(".result").first().waitFor();
    expect((await page.locator(".result").allTextContents()).join()).toMatch(/Methods/);
    await page.close();
  });

  test("the student answers in the page, mostly right", async () => {
    const { page } = await open("guide/try.html");
    const status = page.getByRole("status").filter({ hasText: "right" });
    await status.waitFor();
    expect(Number(/^\d+/.exec((await status.textContent())!)![0])).toBeGreaterThan(12);
    await page.getByRole("button", { name: "Draw other pictures" }).click();
    await page.getByRole("button", { name: /^A / }).nth(3).click();
    await expect.poll(() => page.locator(".student li").count()).toBe(5);
    await page.close();
  });

  test("the playground and the student's own page are under the same address", async () => {
    for (const [path, text] of [
      ["playground/index.html", "Start"],
      ["student/index.html", "Ready"],
    ] as const) {
      const { page, complaints } = await open(path);
      await page.getByText(text).first().waitFor();
      expect(complaints).toEqual([]);
      await page.close();
    }
  });
});
