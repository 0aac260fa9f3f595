/** @file What a teacher says most often of pictures without labels: a student agrees as often that has learnt to say nothing else. */
import { classSizes, countByClass } from "../data/class-sizes.ts";
import type { Dataset } from "../data/dataset.ts";

/** The answer that a teacher gives most often of some images. */
export interface MostCommonAnswer {
  readonly name: string;
  readonly images: number;
  /** Of all images: what always giving this answer would agree on. */
  readonly percent: number;
}

/** That of the test images of a data set that its teacher's answers are the labels of. */
export function mostCommonAnswer({ classes, test: { labels } }: Pick<Dataset, "classes" | "test">): MostCommonAnswer {
  const { label, images, percent } = classSizes(countByClass(labels, classes.length)).largestClass;
  return { name: classes[label] ?? String(label), images, percent };
}
