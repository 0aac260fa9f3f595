/** @file Image data sets of the hub: which files are meant, and which split each is of. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError } from "../../../errors.ts";
import { formatOfEnding, endingOf } from "../../../images/index.ts";
import { parseHubName, type HubName } from "../../hub-name.ts";
import { byCodePoint, splitNamed, type SplitName } from "../images/listing.ts";
import { fits, readCard, type DatasetCard } from "./card.ts";
import { openRepository, type HubOptions, type HubRepository } from "./repository.ts";

/** The branch where the hub keeps data sets that it converted. */
const CONVERTED = "refs/convert/parquet";

export interface HubDataset {
  readonly repository: HubRepository;
  readonly subset: string | undefined;
  readonly kind: Kind;
  /** The files to read, with the split of each; without one if pictures are to be held out of all. */
  readonly files: ReadonlyMap<string, SplitName | undefined>;
  classNames(column: string): readonly string[] | undefined;
  readonly notes: readonly string[];
}

/** What pictures lie in, in the order in which it counts. */
type Kind = "parquet" | "tar" | "pictures";

const kinds: Readonly<Record<Kind, (path: string) => boolean>> = {
  parquet: (path) => endingOf(path) === "parquet",
  tar: (path) => endingOf(path) === "tar",
  pictures: (path) => formatOfEnding.has(endingOf(path)) || /(^|\/)metadata\.(csv|jsonl)$/.test(path),
};

type Options = Omit<HubOptions, "type">;

/** The name with the commit that it means now, and its subset: what is trained on, and again when that is resumed. Throws as `locateDataset`. */
export async function pinnedDataset(text: string, options: Options): Promise<string> {
  const name = parseHubName(text);
  const known = pinned.get(text) ?? locateDataset(name, options);
  pinned.set(text, known);
  try {
    const { repository, subset } = await known;
    return `hf:${name.repository}@${repository.commit}${subset === undefined ? "" : `:${subset}`}`;
  } catch (error) {
    pinned.delete(text);
    throw error;
  }
}

/** What this process was given once, so that all runs of a study have the same. */
const pinned = new Map<string, Promise<HubDataset>>();

/**
 * Finds a data set's files: those that README.md names for the subset (`configs`), else all Parquet files, tar shards or pictures, else the Parquet files
 * that the hub converted it to. Splits are named train, validation (val, valid, dev) or test; where there is one split only, pictures are to be held out of it.
 *
 * Throws as `openRepository` and `readCard`; ARGUMENT where a subset has to be chosen, or none of several splits is for training; DATA_MISSING
 * for a subset that is not there, and where there are no pictures.
 */
export async function locateDataset(name: HubName, options: Options): Promise<HubDataset> {
  const repository = await openRepository(name, { ...options, type: "dataset" });
  const card = await cardOf(repository);
  const own = filesOf(repository, card, name.part);
  if (own) return own;
  const converted =
    name.revision === undefined
      ? await openRepository({ ...name, revision: CONVERTED }, { ...options, type: "dataset" }).catch(
          (error: unknown) => {
            if (error instanceof LimbeckError && error.code === "DATA_MISSING") return undefined;
            throw error;
          },
        )
      : undefined;
  const found = converted && filesOf(converted, card, name.part);
  if (found) return found;
  throw new LimbeckError(
    "DATA_MISSING",
    `${repository.name} should hold Parquet files, tar shards or pictures; it holds ${repository.files.slice(0, 10).join(", ") || "nothing"}, ` +
      `and the hub has not converted it (${CONVERTED}); download it, and give a folder of pictures`,
  );
}

async function cardOf(repository: HubRepository): Promise<DatasetCard> {
  const name = "README.md";
  if (!repository.files.includes(name)) return readCard("", "");
  await repository.get([name]);
  return readCard(await readFile(join(repository.folder, name), "utf8"), `${repository.name}, ${name}`);
}

/** `undefined` if there is nothing to read. */
function filesOf(repository: HubRepository, card: DatasetCard, part: string | undefined): HubDataset | undefined {
  const { files } = repository;
  const kind = (Object.keys(kinds) as Kind[]).find((each) =>
    files.some((path) => kinds[each](path) && !/\.(csv|jsonl)$/.test(path)),
  );
  if (kind === undefined) return undefined;
  const wanted = files.filter(kinds[kind]).sort(byCodePoint); // as in a folder
  const described = card.subsets.filter(({ parts }) =>
    wanted.some((path) => parts.some(({ patterns }) => patterns.some((each) => fits(each, path)))),
  );
  const folders = described.length === 0 ? foldersOf(wanted) : [];
  const names = described.length > 0 ? described.map((each) => each.name) : folders;
  const usual = described.find(({ isDefault }) => isDefault)?.name ?? names.find((each) => each === "default");
  const subset = part ?? usual ?? (names.length === 1 ? names[0] : undefined);
  if (names.length > 0 && !names.includes(subset ?? "")) throw noSubset(repository.name, part, names);
  if (names.length === 0 && part !== undefined) throw noSubset(repository.name, part, []);
  const parts = described.find((each) => each.name === subset)?.parts;
  const splits = new Map(
    wanted.flatMap((path): [string, string | undefined][] => {
      const found = parts?.find(({ patterns }) => patterns.some((each) => fits(each, path)));
      if (parts) return found ? [[path, found.split]] : [];
      return folders.length === 0 || path.startsWith(`${subset}/`) ? [[path, splitWord(path)]] : [];
    }),
  );
  return {
    repository,
    subset: names.length > 0 ? subset : undefined,
    kind,
    // Folders of pictures say by themselves what they are.
    ...(kind === "pictures"
      ? { files: new Map([...splits.keys()].map((path) => [path, undefined])), notes: [] }
      : usedSplits(repository.name, splits)),
    classNames: (column) => card.classNames(subset, column),
  };
}

/** The folders that subsets lie in, where each file lies in one that is no split: `cats/train/0000.parquet`. */
function foldersOf(paths: readonly string[]): readonly string[] {
  const firsts = paths.map((path) => path.split("/"));
  const isSubset = ([first = "", second]: readonly string[]): boolean =>
    second !== undefined && first !== "data" && splitNamed(first) === undefined;
  const areParquet = paths.every(kinds.parquet);
  return areParquet && firsts.every(isSubset) ? [...new Set(firsts.map(([first = ""]) => first))] : [];
}

/** The word for a file's split: what its name begins with, else its folder, `train` in `cats/train/0000.parquet`. */
function splitWord(path: string): string | undefined {
  const [name = "", folder = ""] = path
    .replaceAll(/(^|\/)partial-/g, "$1")
    .split("/")
    .toReversed();
  const word = name.replace(/[-_.0-9].*/s, "");
  return splitNamed(word) !== undefined || splitNamed(folder) === undefined ? word || folder || undefined : folder;
}

/** Which files are read, by what their splits are called. */
function usedSplits(
  name: string,
  splits: ReadonlyMap<string, string | undefined>,
): Pick<HubDataset, "files" | "notes"> {
  const words = [...new Set(splits.values())];
  const known = [...splits].map(([path, word]) => [path, word === undefined ? undefined : splitNamed(word)] as const);
  if (words.length === 1) return { files: new Map([...splits.keys()].map((path) => [path, undefined])), notes: [] };
  if (known.every(([, split]) => split !== "train")) {
    throw new LimbeckError(
      "ARGUMENT",
      `${name} has the splits ${words.map(String).join(", ")}, and none is called train; download it, and give a folder of pictures`,
    );
  }
  const left = words.filter((word) => word === undefined || splitNamed(word) === undefined);
  return {
    files: new Map(known.filter(([, split]) => split !== undefined)),
    notes:
      left.length > 0
        ? [`${name}: of its splits, ${left.map((word) => word ?? "files without one").join(", ")} are left out`]
        : [],
  };
}

function noSubset(name: string, part: string | undefined, names: readonly string[]): LimbeckError {
  const list = names.slice(0, 20).join(", ");
  if (part === undefined)
    return new LimbeckError("ARGUMENT", `${name} has the subsets ${list}; name one: ${name}:${names[0]}`);
  return new LimbeckError("DATA_MISSING", `${name} has no subset ${part}; it has ${list || "none"}`);
}
