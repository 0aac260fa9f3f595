/** @file Limbeck as its users get it: packed, and installed by npm into a folder of its own. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../src/data/node/lock.ts";
import { packed } from "../bundle.ts";

export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** A project that has Limbeck among its dependencies. */
export interface Installed {
  readonly folder: string;
  /** The package as npm would upload it. */
  readonly tarball: string;
  /** Paths in the package. */
  readonly files: readonly string[];
  /** Runs a program there, without the repository's own in its way; returns what it printed. Throws if it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** What `npm pack` makes. */
interface Packed {
  readonly tarball: string;
  /** Paths in it. */
  readonly files: readonly string[];
}

/** Builds and packs the repository: the first of a run's tests does, the others wait for it. */
export async function pack(): Promise<Packed> {
  await mkdir(packed, { recursive: true });
  const record = join(packed, "packed.json");
  return withLock(join(packed, "lock"), undefined, async () => {
    if (!existsSync(record)) {
      const printed = await run(repository, "npm", ["pack", "--json", "--silent", "--pack-destination", packed]);
      const [{ filename, files }] = JSON.parse(printed.slice(printed.indexOf("[\n"))) as [
        { readonly filename: string; readonly files: readonly { readonly path: string }[] },
      ];
      const made: Packed = { tarball: join(packed, filename), files: files.map(({ path }) => path) };
      await writeFile(record, JSON.stringify(made));
    }
    return JSON.parse(await readFile(record, "utf8")) as Packed;
  });
}

/** Has npm install the package; its dependencies come from npm's cache or from the registry. */
export async function install(): Promise<Installed> {
  const { tarball, files } = await pack();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "limbeck-installed-")));
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run(folder, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball]);
  return {
    folder,
    tarball,
    files,
    run: (program, args) => run(folder, program, args),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** The environment as it was before npm put this repository's programs, its newer Node among them, in front. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"))),
  PATH: process.env["PATH"]!.split(delimiter)
    .filter((place) => !place.includes("node_modules"))
    .join(delimiter),
};

async function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, env: environment, maxBuffer: 2 ** 26 });
  return stdout;
}
