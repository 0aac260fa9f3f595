/** @file Chromium for tests of pages: where it is, and how it is started without a screen or a network of its own. */
import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

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
