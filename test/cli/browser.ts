/** @file Chromium for tests of pages: where it is, and how it is started without a screen or a network of its own. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type axeCore from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's path, or `undefined` where there is none: the reason to skip. */
export const browserPath: string | undefined = process.env["CHROME_PATH"] ?? places.find((path) => existsSync(path));

/** Starts it with a new profile, which goes when it is closed; `more` are switches of its command line. `gpu`: it may use the machine's. */
export function openBrowser(
  more: readonly string[] = [],
  { gpu = false }: { readonly gpu?: boolean } = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath!,
    args: [
      "--headless",
      "--no-sandbox",
      ...(gpu ? [] : ["--disable-gpu"]),
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/** Adds what a page writes to its console, and its errors, to these, from now on. */
export function noteComplaints(page: Page, complaints: string[]): void {
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
}

/** A file's page with its plots drawn, and what it complains of: its console, its errors, what it asks for from outside the file. */
export async function openReport(
  browser: Browser,
  file: string,
  colorScheme: "light" | "dark",
  width: number,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const complaints: string[] = [];
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  noteComplaints(page, complaints);
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  await page.locator(".uplot").first().waitFor();
  return { page, complaints };
}

/** The rules of axe that a page breaks, each with the elements that do. By the debugger: a page's policy lets no script in. */
export async function brokenRules(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof axeCore };
    const { violations, passes } = await axe.run();
    if (passes.length < 10) return ["axe has looked at nothing"];
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(" | ")}`);
  });
}
