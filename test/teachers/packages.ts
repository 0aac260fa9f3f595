/** @file Packages of real teachers, fetched once by npm and kept beside the system's other temporary files. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { extract } from "tar";

/** The folder of the package, `undefined` where npm cannot fetch it. */
export async function packageFolder(name: string, version: string): Promise<string | undefined> {
  const kept = join(tmpdir(), "limbeck-teacher-packages");
  const folder = join(kept, `${name.replaceAll(/[^\w.-]/g, "-")}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(kept, { recursive: true });
  const part = await mkdtemp(join(kept, "part-"));
  try {
    const args = ["pack", `${name}@${version}`, "--json", "--pack-destination", part];
    const { stdout } = await promisify(execFile)("npm", args, { timeout: 60_000 });
    const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
    const file = join(part, filename.replace("@", "").replace("/", "-"));
    await extract({ file: existsSync(file) ? file : join(part, filename), cwd: part });
    await rename(join(part, "package"), folder);
    return folder;
  } catch {
    return existsSync(folder) ? folder : undefined;
  }
}
