/** @file The packed package in a folder `node_modules`, unpacked without npm: sooner than an installation, and as close to it as most tests need. */
import { mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { extract } from "tar";
import { pack, repository } from "./install.ts";

/** Puts the package there, and links what it depends on and other packages of this repository's that are named. */
export async function unpack(modules: string, others: readonly string[] = []): Promise<void> {
  const limbeck = join(modules, "limbeck");
  await mkdir(limbeck, { recursive: true });
  await extract({ file: (await pack()).tarball, cwd: limbeck, strip: 1 });
  const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(limbeck, "package.json"), "utf8"));
  for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...others]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(repository, "node_modules", name), join(modules, name));
  }
}
