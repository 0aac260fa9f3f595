/** @file Which data set a folder holds, told by the names of its files. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError } from "../../errors.ts";
import { cifar10, cifar100 } from "../cifar.ts";
import { cifar10Archive, cifar100Archive } from "./cifar-archive.ts";

const kinds = [
  { ...cifar10, folder: cifar10Archive.folder },
  { ...cifar100, folder: cifar100Archive.folder },
];

/**
 * The name of the data set whose files lie in `dir`, or in the folder in it that the archive unpacks to.
 *
 * Throws DATA_MISSING for a folder that cannot be read or holds none; ARGUMENT for one that holds several.
 */
export async function recogniseDataset(dir: string): Promise<string> {
  const names = await readdir(dir).catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const problem = missing ? "does not exist" : "cannot be read as a folder";
    throw new LimbeckError("DATA_MISSING", `the data folder ${dir} ${problem}; give the folder with the files`, {
      cause,
    });
  });
  const found: string[] = [];
  for (const { name, folder, testFile } of kinds) {
    const inner = names.includes(folder) ? await readdir(join(dir, folder)).catch(() => []) : [];
    if (names.includes(testFile) || inner.includes(testFile)) found.push(name);
  }
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new LimbeckError(
      "ARGUMENT",
      `the data folder ${dir} holds ${found.join(" and ")}; say which is meant as the data set`,
    );
  }
  const expected = kinds.map(({ testFile, title }) => `${testFile} of ${title}`).join(" or ");
  const got = names.length === 0 ? "nothing" : names.toSorted().slice(0, 10).join(", ");
  throw new LimbeckError(
    "DATA_MISSING",
    `the data folder ${dir} should hold ${expected}, in the binary layout; it holds ${got}`,
  );
}
