/** @file Which classes are taken for each other, from predictions and labels alone, so that any number of classes will do. */
import { share, type Share } from "../experiment/index.ts";

/** Two classes, by index, of which images are taken for one another. */
export interface ConfusedPair {
  /** Of its images more were taken for the other. */
  readonly a: number;
  readonly b: number;
  /** Images of a that were taken for b, and the other way round. */
  readonly aAsB: number;
  readonly bAsA: number;
  /** Some of them, by their index among the test images: first of a, then of b, in turn. */
  readonly examples: readonly number[];
}

/** The pairs with most mistakes between them, both ways together; equal ones in the classes' order. */
export function confusedPairs(
  predictions: readonly number[],
  labels: ArrayLike<number>,
  { most, examples }: { readonly most: number; readonly examples: number },
): readonly ConfusedPair[] {
  const mistakes = new Map<string, { readonly truth: number; readonly said: number; readonly images: number[] }>();
  for (const [image, said] of predictions.entries()) {
    const truth = labels[image]!;
    if (said === truth) continue;
    const key = `${truth} ${said}`;
    const known = mistakes.get(key);
    if (known) known.images.push(image);
    else mistakes.set(key, { truth, said, images: [image] });
  }
  const pairs: ConfusedPair[] = [];
  for (const { truth, said, images } of mistakes.values()) {
    const back = mistakes.get(`${said} ${truth}`)?.images ?? [];
    const isFirst = images.length > back.length || (images.length === back.length && truth < said);
    if (!isFirst) continue;
    pairs.push({
      a: truth,
      b: said,
      aAsB: images.length,
      bAsA: back.length,
      examples: inTurn(images, back).slice(0, examples),
    });
  }
  return pairs.sort((x, y) => y.aAsB + y.bAsA - x.aAsB - x.bAsA || x.a - y.a || x.b - y.b).slice(0, most);
}

/** Of each class's images, those that are recognised. */
export function recognised(
  predictions: readonly number[],
  labels: ArrayLike<number>,
  classes: number,
): readonly Share[] {
  const right = new Uint32Array(classes);
  const all = new Uint32Array(classes);
  for (const [image, said] of predictions.entries()) {
    const truth = labels[image]!;
    all[truth]! += 1;
    if (said === truth) right[truth]! += 1;
  }
  return Array.from(all, (images, label) => share(right[label]!, images));
}

function inTurn(first: readonly number[], second: readonly number[]): number[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((image) => image !== undefined);
}
