/** @file Limbeck elsewhere than in this process: on one thread, in an older Node, in a browser. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { limbeckContender, type Contender, type LimbeckOptions, type Work } from "../../src/benchmark/index.ts";
import { serve } from "../../test/browser/server.ts";
import { buildSite, type Site } from "../../test/browser/site.ts";
import { browserPath, openBrowser } from "../../test/cli/browser.ts";
import { startLineProcess } from "../line-process.ts";
import type { PageBenchmark } from "./page/main.ts";

declare const benchmark: PageBenchmark;

export type Variant = "Limbeck, one thread" | "Limbeck, Node 20" | "Limbeck, Chromium";

export interface Setting {
  readonly work: Work;
  readonly threads: number;
  /** The compiled package and the page, built when first asked for. */
  readonly site: () => Promise<Site>;
}

/** The variant, ready to work; `undefined` where what it runs in is not installed. */
export function openVariant(name: Variant, setting: Setting): Promise<Contender | undefined> {
  return variants[name](name, setting);
}

/** The page of the benchmark and the compiled package. */
export function buildBenchSite(): Promise<Site> {
  return buildSite(fileURLToPath(new URL("page", import.meta.url)));
}

const variants: Readonly<Record<Variant, (name: string, setting: Setting) => Promise<Contender | undefined>>> = {
  "Limbeck, one thread": (name, { work }) => limbeckContender(work, { name, threads: 1 }),
  "Limbeck, Node 20": async (name, { work, threads, site }) => {
    const node = await olderNode();
    if (node === undefined) return undefined;
    const child = startChild(node, (await site()).package, work, threads);
    await child.answer();
    return { ...child.contender(name, {}), close: async () => child.close() };
  },
  "Limbeck, Chromium": async (name, { work, threads, site }) =>
    browserPath ? inBrowser(await openBrowser(), await site(), work, { name, threads }) : undefined,
};

/** Limbeck in a page of this browser, which is closed with it. */
export async function inBrowser(
  browser: Browser,
  { folder }: Site,
  work: Work,
  options: LimbeckOptions & { readonly name: string },
): Promise<Contender> {
  const server = await serve(folder, { isolated: true });
  const page = await browser.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => "benchmark" in globalThis);
  const engine = await page.evaluate(([work, options]) => benchmark.open(work, options), [work, options] as const);
  return {
    name: options.name,
    ...(engine !== undefined && { engine }),
    time: (steps) => page.evaluate((count) => benchmark.time(count), steps),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Limbeck's compiled package in a process of this Node. */
export function startChild(
  node: string,
  folder: string,
  work: Work,
  threads: number,
): ReturnType<typeof startLineProcess> {
  const script = fileURLToPath(new URL("child.js", import.meta.url));
  return startLineProcess(node, [script, folder, JSON.stringify(work), String(threads)]);
}

/** A Node 20 on the PATH, without V8's pairing of vectors. */
async function olderNode(): Promise<string | undefined> {
  for (const folder of process.env["PATH"]!.split(delimiter)) {
    const node = join(folder, "node");
    if (!existsSync(node)) continue;
    const { stdout } = await promisify(execFile)(node, ["--version"]);
    if (stdout.startsWith("v20.")) return node;
  }
  return undefined;
}
