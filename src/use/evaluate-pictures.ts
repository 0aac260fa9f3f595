/** @file How well a network tells pictures apart that lie in the folders of their classes, or are labelled otherwise. */
import { listPictures } from "../data/node/images/list.ts";
import type { Listed, Listing } from "../data/node/images/listing.ts";
import { testViews, type Tta } from "../data/test-views.ts";
import { LimbeckError } from "../errors.ts";
import type { LoadedModel } from "../model-file/index.ts";
import { nearestName } from "../nearest-name.ts";
import { augmentedEvaluation, tally, type Evaluation } from "../train/evaluate/index.ts";
import type { Progress } from "../train/index.ts";
import { classifyPictures } from "./classify-pictures.ts";

export interface EvaluatePicturesOptions {
  /** Leave out pictures that cannot be read. */
  readonly skipBroken?: boolean | undefined;
  readonly batchSize?: number | undefined;
  /** Also by test-time augmentation. */
  readonly tta?: Tta | undefined;
  /** Use only so many pictures, evenly spread over all. */
  readonly limit?: number | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Names, and pictures that cannot be read, that a message lists. */
const LISTED = 10;

/**
 * Classifies the pictures at a path: those for the test, else those for validation, else all. Their classes are matched with the network's by
 * name. Throws ARGUMENT for pictures without classes, or of classes that the network does not tell; DATA_FORMAT, naming them, for
 * pictures that cannot be read; else as `listPictures` and `classifyPictures`.
 */
export async function* evaluatePictures(
  model: LoadedModel,
  path: string,
  { skipBroken = false, batchSize = 32, tta, limit, onNote, signal }: EvaluatePicturesOptions = {},
): AsyncGenerator<Progress, Evaluation & { readonly classes: readonly string[] }> {
  const listing = await listPictures(path);
  for (const note of listing.notes) onNote?.(note);
  const classes = model.description?.classNames ?? [];
  const labels = labelsOf(path, listing, model.name, classes);
  const pictures = some(chosen(listing, onNote), limit);
  const sources = pictures.map((picture) => ({
    path: picture.place,
    label: labels[picture.label!]!,
    read: picture.read,
  }));
  const [counted, augmented] = [tally(classes.length), tally(classes.length)];
  let count = 0;
  const broken: string[] = [];
  const asked = { top: 1, batchSize, signal };
  const others = tta && classifyPictures(model, sources, { ...asked, tta });
  for await (const answers of classifyPictures(model, sources, asked)) {
    for (const answer of (others && (await others.next()).value) || []) {
      if ("error" in answer) continue;
      const [{ index, probability }] = answer.classes;
      augmented.add(answer.source.label, { predicted: index, confidence: probability });
    }
    for (const answer of answers) {
      if ("error" in answer) {
        broken.push(answer.error.message);
        continue;
      }
      const [{ index, probability }] = answer.classes;
      counted.add(answer.source.label, { predicted: index, confidence: probability });
      count++;
    }
    yield { done: count + broken.length, total: sources.length };
  }
  if (broken.length > 0) tellBroken(path, broken, skipBroken && count > 0, onNote);
  const evaluation = counted.evaluation();
  if (!tta) return { ...evaluation, classes };
  return { ...evaluation, augmented: augmentedEvaluation(tta, testViews[tta].length, augmented.evaluation()), classes };
}

/** The network's number of each class of the pictures. */
function labelsOf(path: string, listing: Listing, model: string, classes: readonly string[]): readonly number[] {
  if (listing.classes.length === 0) {
    throw new LimbeckError(
      "ARGUMENT",
      `${path} has pictures without classes, so accuracy cannot be measured; put them into a folder for each class, or classify them with limbeck predict`,
    );
  }
  const labels = listing.classes.map((name) => classes.indexOf(name));
  const unknown = listing.classes.filter((_, i) => labels[i]! < 0);
  if (unknown.length === 0) return labels;
  const more = unknown.length > LISTED ? ` and ${unknown.length - LISTED} more` : "";
  const named = unknown.slice(0, LISTED).map((name) => {
    const near = nearestName(name, classes);
    return near === undefined ? name : `${name} (its number ${classes.indexOf(near)} is ${near})`;
  });
  throw new LimbeckError(
    "ARGUMENT",
    `${path} has pictures of ${named.join(", ")}${more}, classes that ${model} does not tell: it tells ` +
      `${classes.slice(0, LISTED).join(", ")}${classes.length > LISTED ? `, … (${classes.length})` : ""}; give pictures of these classes, in folders of their names`,
  );
}

function chosen({ pictures }: Listing, onNote: ((text: string) => void) | undefined): readonly Listed[] {
  for (const split of ["test", "validation"] as const) {
    const found = pictures.filter((picture) => picture.split === split);
    if (found.length === 0) continue;
    if (found.length < pictures.length)
      onNote?.(`of ${pictures.length} pictures, the ${found.length} for ${split} are taken`);
    return found;
  }
  return pictures;
}

function some(pictures: readonly Listed[], limit = pictures.length): readonly Listed[] {
  const count = Math.min(limit, pictures.length);
  return Array.from({ length: count }, (_, i) => pictures[Math.floor((i * pictures.length) / count)]!);
}

function tellBroken(
  path: string,
  broken: readonly string[],
  skip: boolean,
  onNote: ((text: string) => void) | undefined,
): void {
  const more = broken.length > LISTED ? `\n... and ${broken.length - LISTED} more` : "";
  const named = broken.slice(0, LISTED).join("\n") + more;
  if (skip) return onNote?.(`${broken.length} pictures cannot be read: left out\n${named}`);
  throw new LimbeckError(
    "DATA_FORMAT",
    `${path} has ${broken.length} pictures that cannot be read; mend or remove them, or leave them out with skipBroken (--skip-broken):\n${named}`,
  );
}
