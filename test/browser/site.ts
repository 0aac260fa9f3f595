/** @file A page as web developers would build it: Limbeck as it is packed, then bundled by Vite. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, createLogger } from "vite";
import { unpack } from "../package/unpacked.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** A built page. */
export interface Site {
  /** The folder to serve. */
  readonly folder: string;
  /** Limbeck, as npm would install it. */
  readonly package: string;
  /** What the bundler warned of. */
  readonly warnings: readonly string[];
  remove(): Promise<void>;
}

/** Builds it in a temporary folder, from the page's own: by default that of the tests. */
export async function buildSite(page: string = join(repository, "test/browser/page")): Promise<Site> {
  const temporary = await mkdtemp(join(tmpdir(), "limbeck-site-"));
  const remove = (): Promise<void> => rm(temporary, { recursive: true });
  const limbeck = join(temporary, "node_modules/limbeck");
  const folder = join(temporary, "site");
  try {
    await unpack(dirname(limbeck));
    return { folder, package: limbeck, warnings: await bundle(page, limbeck, folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Returns the warnings. */
async function bundle(page: string, limbeck: string, outDir: string): Promise<string[]> {
  const warnings: string[] = [];
  await build({
    root: page,
    configFile: false,
    logLevel: "warn",
    customLogger: { ...createLogger("warn"), warn: (text) => warnings.push(text) },
    // What the page imports from the sources comes from the compiled package instead.
    resolve: {
      alias: [
        { find: /^(?:\.\.\/)+src\/index\.ts$/, replacement: limbeck },
        { find: /^(?:\.\.\/)+src\/(.+)\.ts$/, replacement: join(limbeck, "dist/$1.js") },
      ],
    },
    // A worker that imports a library which loads parts of itself later has to be a module.
    worker: { format: "es" },
    build: { outDir, emptyOutDir: true },
  });
  return warnings;
}
