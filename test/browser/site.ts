/** @file A page as web developers would build it: Limbeck compiled as for publishing, then bundled by Vite. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, createLogger } from "vite";

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
    await install(limbeck);
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

/** Puts the compiled package and its dependencies where npm would. */
async function install(limbeck: string): Promise<void> {
  const modules = dirname(limbeck);
  await mkdir(limbeck, { recursive: true });
  const config = {
    extends: join(repository, "tsconfig.build.json"),
    compilerOptions: { outDir: "dist", noCheck: true, types: [] },
  };
  await writeFile(join(limbeck, "tsconfig.json"), JSON.stringify(config));
  await promisify(execFile)(join(repository, "node_modules/.bin/tsc"), ["--project", limbeck]);
  await cp(join(repository, "package.json"), join(limbeck, "package.json"));
  const { dependencies } = JSON.parse(await readFile(join(limbeck, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    await symlink(join(repository, "node_modules", name), join(modules, name));
  }
}
