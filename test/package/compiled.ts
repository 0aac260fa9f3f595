/** @file Limbeck compiled as for publishing, where npm would put it: sooner there than packed and installed, and as close to it as most tests need. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { bundle } from "../bundle.ts";
import { repository } from "./install.ts";

/** Puts the compiled package and what it depends on into a folder `node_modules`, and other packages of this repository's that are named. */
export async function installCompiled(modules: string, others: readonly string[] = []): Promise<void> {
  const limbeck = join(modules, "limbeck");
  await mkdir(limbeck, { recursive: true });
  const config = {
    extends: join(repository, "tsconfig.build.json"),
    compilerOptions: { outDir: "dist", noCheck: true, types: [] },
  };
  await writeFile(join(limbeck, "tsconfig.json"), JSON.stringify(config));
  await promisify(execFile)(join(repository, "node_modules/.bin/tsc"), ["--project", limbeck]);
  await cp(bundle, join(limbeck, "dist/node"), { recursive: true });
  await cp(join(repository, "package.json"), join(limbeck, "package.json"));
  const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(limbeck, "package.json"), "utf8"));
  for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...others]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(repository, "node_modules", name), join(modules, name));
  }
}
