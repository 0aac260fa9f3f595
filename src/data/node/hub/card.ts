/** @file The front matter of a data set's README.md: its subsets with the files of each split, and the names of its classes. */
import { parse } from "yaml";
import { LimbeckError } from "../../../errors.ts";

/** A subset's files, by patterns. */
export interface Subset {
  readonly name: string;
  readonly isDefault: boolean;
  readonly parts: readonly { readonly split: string; readonly patterns: readonly string[] }[];
}

export interface DatasetCard {
  readonly subsets: readonly Subset[];
  /** Names of a column's classes, by subset and column, in the order of their numbers. */
  classNames(subset: string | undefined, column: string): readonly string[] | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads it; a page without front matter has nothing. Throws DATA_FORMAT for front matter that is no YAML. */
export function readCard(text: string, source: string): DatasetCard {
  const [, front = ""] = /^\uFEFF?---\r?\n(.*?)\r?\n---/s.exec(text) ?? [];
  let json: unknown;
  try {
    json = parse(front, { maxAliasCount: 100 });
  } catch (cause) {
    throw new LimbeckError("DATA_FORMAT", `${source}: its front matter should be YAML (${(cause as Error).message})`, {
      cause,
    });
  }
  const { configs, dataset_info: about } = objectOf(json);
  const infos = listOf(about).map(objectOf);
  return {
    subsets: listOf(configs).flatMap((each) => subsetOf(objectOf(each))),
    classNames(subset, column) {
      const info =
        infos.find(({ config_name: name }) => name === subset) ?? (infos.length === 1 ? infos[0] : undefined);
      const feature = listOf(info?.["features"])
        .map(objectOf)
        .find(({ name }) => name === column);
      return namesOf(objectOf(objectOf(feature?.["dtype"])["class_label"])["names"]);
    },
  };
}

function subsetOf({ config_name: name, data_files: files, data_dir: folder, default: isDefault }: Json): Subset[] {
  if (typeof name !== "string" || files === undefined) return [];
  const within = (pattern: string): string =>
    (typeof folder === "string" ? `${folder}/${pattern}` : pattern).replace(/^\.?\//, "");
  const parts = listOf(files).map((each) => {
    const { split = "train", path = each } = objectOf(each);
    const patterns = listOf(path).filter((pattern) => typeof pattern === "string");
    return { split: String(split), patterns: patterns.map(within) };
  });
  return [{ name, isDefault: isDefault === true, parts }];
}

/** A list, or names by their numbers. */
function namesOf(names: unknown): readonly string[] | undefined {
  const list = Array.isArray(names)
    ? names
    : Object.entries(objectOf(names))
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, name]) => name);
  return list.length > 0 ? list.map(String) : undefined;
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

/** Whether a path fits a pattern: `*` for any characters but slashes, `**` for any, `?` for one. */
export function fits(pattern: string, path: string): boolean {
  const expression = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|[^*?]/g, (part) => {
    const wild: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };
    return wild[part] ?? part.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  });
  return new RegExp(`^${expression}$`).test(path);
}
