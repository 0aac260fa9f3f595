/** @file Which kind of source a path is, told by what lies there. */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LimbeckError, systemCode } from "../../../errors.ts";
import { endingOf } from "../../../images/index.ts";
import { checkClassCount } from "../../check-dataset.ts";
import { isHubName } from "../../hub-name.ts";
import type { DownloadOptions } from "../download.ts";
import { byCodePoint, checkClassNames, faultOf, type Listing } from "./listing.ts";
import { listFolders } from "./sources/folders.ts";
import { listHub } from "./sources/hub.ts";
import { idxFiles, listIdx } from "./sources/idx.ts";
import { listManifest, manifestEndings } from "./sources/manifest.ts";
import { listTar } from "./sources/tar.ts";
import { walk } from "./walk.ts";

export interface ListOptions extends Pick<DownloadOptions, "signal"> {
  /** Of what is downloaded from the hub. */
  readonly onDownload?: DownloadOptions["onProgress"];
  /** Pictures without classes, whatever folders they lie in. */
  readonly unlabelled?: boolean | undefined;
}

/** Tables that are taken without being named: one of these in a folder. */
const tableName = /^(manifest|metadata|labels|images|data|index)\.(csv|tsv|jsonl|ndjson)$/i;

/**
 * The pictures of a folder, a table (.csv, .tsv, .jsonl), a Parquet file or a tar shard, or of a data set of the hub (`hf:OWNER/NAME`). In a folder, the first of these that is there counts:
 * MNIST's idx files, Parquet files, tar shards, a table (`manifest.csv` and the like), folders of pictures.
 *
 * Throws DATA_MISSING, saying what was found and what was expected, where there are no pictures; ARGUMENT where several
 * tables are there; DATA_FORMAT for a class whose name cannot be shown, and for more classes than a data set can have; else as each source.
 */
export async function listPictures(
  path: string,
  { unlabelled = false, onDownload: onProgress, signal }: ListOptions = {},
): Promise<Listing> {
  const listing = isHubName(path)
    ? await listHub(path, unlabelled, { onProgress, signal })
    : await listLocal(path, unlabelled);
  checkClassNames(path, listing.classes);
  if (listing.classes.length > 0) checkClassCount(path, listing.classes.length);
  return listing;
}

async function listLocal(path: string, unlabelled: boolean): Promise<Listing> {
  const found = await stat(path).catch((cause: unknown) => {
    const fault = systemCode(cause) === "ENOENT" ? "does not exist" : `cannot be read: ${faultOf(cause)}`;
    throw new LimbeckError("DATA_MISSING", `${path} ${fault}; give a folder or a file with pictures`, { cause });
  });
  return found.isDirectory() ? listFolder(path, unlabelled) : listFile(path, unlabelled);
}

async function listFile(path: string, unlabelled: boolean): Promise<Listing> {
  const ending = endingOf(path);
  if (manifestEndings.has(ending)) return listManifest(path, unlabelled);
  if (ending === "parquet") return parquetFiles(dirname(path), [basename(path)], unlabelled);
  if (ending === "tar") return listTar(dirname(path), [basename(path)], unlabelled);
  throw new LimbeckError(
    "DATA_FORMAT",
    `${path} should be a folder, a table (.csv, .tsv, .jsonl), a .parquet file or a .tar shard; give the folder that it lies in`,
  );
}

async function listFolder(path: string, unlabelled: boolean): Promise<Listing> {
  const tree = await walk(path);
  const withEnding = (ending: string): string[] =>
    tree.files.filter((file) => endingOf(file) === ending).sort(byCodePoint);
  const folder = tree.files.find((file) => idxFiles([basename(file)]).length > 0);
  if (folder !== undefined) return listIdx(join(path, dirname(folder)), unlabelled);
  const parquet = withEnding("parquet");
  if (parquet.length > 0) return parquetFiles(path, parquet, unlabelled);
  const shards = withEnding("tar");
  if (shards.length > 0) return listTar(path, shards, unlabelled);
  const tables = tree.files.filter((file) => tableName.test(file));
  if (tables.length > 1) {
    throw new LimbeckError("ARGUMENT", `${path} holds ${tables.join(" and ")}; give the one that is meant as the path`);
  }
  return tables[0] === undefined
    ? listFolders(path, tree, unlabelled)
    : listManifest(join(path, tables[0]), unlabelled);
}

/** NOTE: loaded only where it is needed: what expands pages takes 4 GiB of addresses, of which `ulimit -v` may leave few. */
async function parquetFiles(folder: string, files: readonly string[], unlabelled: boolean): Promise<Listing> {
  const { listParquet } = await import("./sources/parquet.ts");
  return listParquet(folder, files, unlabelled);
}
