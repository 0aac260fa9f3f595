/** @file Image data sets of the hub as a source of pictures: their files in the cache, read as the same files in a folder are. */
import { dirname, join } from "node:path";
import { parseHubName } from "../../../hub-name.ts";
import type { HubOptions } from "../../hub/repository.ts";
import { byCodePoint, type Listing } from "../listing.ts";
import type { Tree } from "../walk.ts";
import { listFolders } from "./folders.ts";
import { listManifest } from "./manifest.ts";
import { listTar } from "./tar.ts";

/** Downloads what is not there yet. Throws as `locateDataset`, and as the reader of its files. */
export async function listHub(text: string, unlabelled: boolean, options: Omit<HubOptions, "type">): Promise<Listing> {
  const { locateDataset } = await import("../../hub/dataset.ts");
  const { repository, kind, files, classNames, notes } = await locateDataset(parseHubName(text), options);
  const paths = [...files.keys()];
  const { folder } = repository;
  await repository.get(paths);
  const read = async (): Promise<Listing> => {
    if (kind === "tar") return listTar(folder, paths, unlabelled);
    if (kind === "pictures") return listPicturesOf(folder, paths, unlabelled);
    // NOTE: loaded where it is needed, as list.ts does.
    const { listParquet } = await import("./parquet.ts");
    return listParquet(folder, paths, unlabelled, { splitOf: (file) => files.get(file), classNames });
  };
  const listing = await read();
  return { ...listing, notes: [...repository.notes, ...notes, ...listing.notes] };
}

/** Pictures in folders, from the folder on that all of them lie in, if it is called `data`; or as their table has them. */
async function listPicturesOf(folder: string, paths: readonly string[], unlabelled: boolean): Promise<Listing> {
  const table = paths.find((path) => /metadata\.(csv|jsonl)$/.test(path));
  if (table !== undefined) return listManifest(join(folder, table), unlabelled);
  const isInData = paths.every((path) => path.startsWith("data/"));
  const files = paths.map((path) => (isInData ? path.slice(5) : path)).sort(byCodePoint);
  const folders = new Set<string>();
  for (const file of files) for (let path = dirname(file); path !== "."; path = dirname(path)) folders.add(path);
  const tree: Tree = { files, folders: [...folders].sort(byCodePoint), notes: [] };
  return listFolders(isInData ? join(folder, "data") : folder, tree, unlabelled);
}
