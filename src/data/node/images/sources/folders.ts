/** @file Folders of pictures: one for each class, perhaps in one for each split; or pictures without classes. */
import { elementAt, valueAt } from "../../../../elements.ts";
import { join } from "node:path";
import { LimbeckError } from "../../../../errors.ts";
import { oneLine } from "../../../../printable.ts";
import { endingOf, formatOfEnding, unreadEndings } from "../../../../images/index.ts";
import {
  byCodePoint,
  fileReader,
  fileVersion,
  missing,
  splitNamed,
  type Listed,
  type Listing,
  type SplitName,
} from "../listing.ts";
import type { Tree } from "../walk.ts";

/**
 * Pictures by their folders, as torchvision's `ImageFolder` takes them: the class is the first folder below the source, or
 * below a split's folder (train, val, test and the like), however deep the picture lies in it; classes are numbered in the order of their
 * sorted names. Without folders, or if told that it is `unlabelled`, pictures have no class.
 *
 * Throws DATA_MISSING where there are no pictures; ARGUMENT where it cannot be told whether folders are splits or classes.
 */
export async function listFolders(root: string, tree: Tree, unlabelled: boolean): Promise<Listing> {
  const paths = tree.files.filter(isPicture);
  if (paths.length === 0) throw noPictures(root, tree);
  const splits = splitFolders(
    root,
    tree.folders.filter((path) => !path.includes("/")),
  );
  const places = paths.map((path) => placeOf(path, splits));
  const hasClasses = !unlabelled && places.some(({ className }) => className !== undefined);
  const isKept = (place: Place): boolean => isUsed(place, splits, hasClasses);
  const kept = places.filter(isKept);
  const others = places.filter((place) => !isKept(place));
  if (kept.length === 0) throw noPictures(root, tree);
  const classes = hasClasses ? classFolders(tree.folders, splits) : [];
  const labels = new Map(classes.map((name, label) => [name, label]));
  const pictures = await inParallel(kept, async ({ path, className, split }): Promise<Listed> => {
    const version = await fileVersion(join(root, path));
    return {
      place: oneLine(path),
      version,
      label: hasClasses ? valueAt(labels, className) : undefined,
      split,
      read: fileReader(join(root, path), version),
    };
  });
  const kind = hasClasses ? "a folder for each class" : "pictures without classes";
  const notes = [...tree.notes, ...leftOut(others), ...emptyClasses(classes, pictures)];
  return { kind: splits.size > 0 ? `${kind}, in a folder for each split` : kind, classes, pictures, notes };
}

/** Where a picture lies. */
interface Place {
  readonly path: string;
  readonly split: SplitName | undefined;
  readonly className: string | undefined;
}

type SplitFolders = ReadonlyMap<string, SplitName>;

function placeOf(path: string, splits: SplitFolders): Place {
  const steps = path.split("/").slice(0, -1);
  const split = splits.get(steps[0] ?? "");
  const [className] = split ? steps.slice(1) : steps;
  return { path, split, className };
}

/** Beside folders of splits, pictures belong to none; beside those of classes, to none of these. */
function isUsed({ split, className }: Place, splits: SplitFolders, hasClasses: boolean): boolean {
  return (splits.size === 0 || split !== undefined) && (!hasClasses || className !== undefined);
}

function isPicture(path: string): boolean {
  const ending = endingOf(path);
  return formatOfEnding.has(ending) || unreadEndings.has(ending);
}

/** Which of the outermost folders are splits: all of them, or none. */
function splitFolders(root: string, folders: readonly string[]): SplitFolders {
  const named = folders.flatMap((name) => {
    const split = splitNamed(name);
    return split ? [[name, split] as const] : [];
  });
  const kinds = new Set(named.map(([, split]) => split));
  // A class may well be called "train"; it is one where other classes lie beside it.
  if (named.length < folders.length && kinds.size < 2) return new Map();
  const others = folders.filter((name) => !splitNamed(name));
  if (others.length > 0 || kinds.size < named.length) {
    throw new LimbeckError(
      "ARGUMENT",
      `${root} should have a folder for each class or for each split; its folders ${named.map(([name]) => name).join(", ")} are named as ` +
        `splits${others.length > 0 ? `, and ${others.slice(0, 10).join(", ")} are not` : ", more than one for the same"}; move or rename some of them`,
    );
  }
  return new Map(named);
}

function classFolders(folders: readonly string[], splits: SplitFolders): string[] {
  const names = folders.flatMap((path) => {
    const steps = path.split("/");
    const depth = splits.size > 0 ? 1 : 0;
    return steps.length === depth + 1 && (depth === 0 || splits.has(elementAt(steps, 0)))
      ? [elementAt(steps, depth)]
      : [];
  });
  return [...new Set(names)].sort(byCodePoint);
}

function emptyClasses(classes: readonly string[], pictures: readonly Listed[]): string[] {
  const used = new Set(pictures.map(({ label }) => label));
  const empty = classes.filter((_, label) => !used.has(label));
  return empty.length === 0
    ? []
    : [`no pictures in the folders of ${empty.slice(0, 20).join(", ")}: classes that nothing can be learnt of`];
}

function leftOut(places: readonly Place[]): string[] {
  if (places.length === 0) return [];
  const some = places.slice(0, 10).map(({ path }) => oneLine(path));
  return [
    `left out, because they lie in no folder of a class: ${some.join(", ")}${places.length > 10 ? ` and ${places.length - 10} more` : ""}`,
  ];
}

function noPictures(root: string, { files, folders }: Tree): LimbeckError {
  const endings = [...formatOfEnding.keys()].join(", ");
  const names = [...folders.map((name) => `${name}/`), ...files];
  return missing(
    root,
    `pictures (${endings}) in a folder for each class, or in train, val and test folders of these; ` +
      "or a table (.csv, .jsonl), Parquet files, tar shards or MNIST's idx files",
    names.length === 0 ? "nothing" : names.slice(0, 10).join(", ") + (names.length > 10 ? " and more" : ""),
  );
}

/** Some at a time, so that a slow disk is asked for many. */
async function inParallel<From, To>(values: readonly From[], work: (value: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (let from = 0; from < values.length; from += 64) {
    results.push(...(await Promise.all(values.slice(from, from + 64).map(work))));
  }
  return results;
}
