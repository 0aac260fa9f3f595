/** @file Whether an exported student says what the network says that it was made of: image by image, and how often both are right. */
import { elementAt } from "../elements.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import { splitOf } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { NetworkWithValues } from "../inference/index.ts";
import { torchRandom } from "../random/index.ts";
import type { Model } from "../models/index.ts";
import { sizeOf, type Tensor } from "../tensor/index.ts";
import type { Progress } from "../train/index.ts";
import { infer } from "../train/evaluate/index.ts";
import { classNamesOf, type ShippedDescription } from "./description.ts";
import type { Measure, OpenedStudent } from "./format.ts";

/** Images to compare with. */
export interface CheckImages {
  readonly split: Split;
  /** For people: `held-out images of shapes`. */
  readonly source: string;
  /** What `labels` are: the images' classes, what a teacher says of them, or nothing. */
  readonly labelledBy?: "people" | "teacher";
}

/** What came of the comparison. */
export interface Check {
  readonly images: number;
  readonly source: string;
  /** The largest difference of a logit, of the root mean square of all logits; from the rounded network's where it was trained for int8. */
  readonly difference: number;
  /** The root mean square of all differences, of the same: what whole numbers go by, whose largest grows with the number of images. */
  readonly meanDifference: number;
  /** Percent of the images that both take for the same class. */
  readonly agreement: number;
  /** Of labelled images, in percent: the network's, and the exported student's. */
  readonly accuracy?: BeforeAfter;
  /** The same of images that a teacher labelled: how often both say what it says. */
  readonly teacherAgreement?: BeforeAfter;
  /** Of labelled images: how many of each class the exported student takes for what they are, or its teacher does. */
  readonly classes?: readonly { readonly name: string; readonly images: number; readonly right: number }[];
}

/** In percent: the network's, and the exported student's. */
export interface BeforeAfter {
  readonly before: number;
  readonly after: number;
}

/** How many images of noise are compared where there are no others. */
const NOISE = 64;

/** Images of noise, for where there are no others. */
export function noiseImages(shape: Dataset["shape"]): CheckImages {
  const numbers = torchRandom(0).uniform(NOISE * sizeOf(shape), 0, 256);
  const split = splitOf({ pixels: Uint8Array.from(numbers), labels: new Uint8Array(NOISE) });
  return { split, source: "images of noise" };
}

/** At most so many of them, evenly spread over all. */
export function someOf(images: CheckImages, most: number): CheckImages {
  const { split } = images;
  const count = Math.min(most, split.count);
  if (count === split.count) return images;
  const at = (i: number): number => Math.floor((i * split.count) / count);
  return {
    ...images,
    split: {
      count,
      image: (i) => split.image(at(i)),
      labels: split.labels.slice(0, count).map((_, i) => elementAt(split.labels, at(i))),
    },
    source: `${images.source}, taken evenly from ${split.count}`,
  };
}

export interface CheckOptions {
  /** Whose states this may write and frees again. */
  readonly engine: Engine;
  readonly network: NetworkWithValues;
  /** The network as int8 computes it, where it was trained so: what logits are compared with. */
  readonly rounded?: Model | undefined;
  readonly description: ShippedDescription;
  readonly student: OpenedStudent;
  readonly images: CheckImages;
  /** Images that the student is given at once. */
  readonly batch: number;
  /** How large a difference passes, and which of the two it is of: the largest by default. */
  readonly bound: number;
  readonly measure?: Measure;
  readonly signal?: AbortSignal | undefined;
}

/** Compares them. Throws EXPORT where logits differ by more than the bound, NOT_FINITE where one is no number, ABORTED. */
export async function* checking(options: CheckOptions): AsyncGenerator<Progress, Check> {
  const { engine, network, rounded, description, student, images, batch, bound, measure = "difference" } = options;
  const { signal } = options;
  const { model, values } = network;
  const { split, source, labelledBy } = images;
  const classes = classNamesOf(description);
  const dataset = {
    ...description.normalisation,
    name: source,
    classes,
    shape: model.inputShape,
    train: split,
    test: split,
  };
  const tally = new Tally(classes, split);
  for (const [tensor, numbers] of values) await engine.write(tensor, numbers);
  const inference = { engine, model, dataset, split, batchSize: Math.max(batch, 32), signal };
  const wanted = ({ logits }: { readonly logits: Tensor }) => ({ logits });
  const references = rounded && infer({ ...inference, model: rounded }, wanted);
  for await (const { from, to, outputs } of infer(inference, wanted)) {
    const reference = (await references?.next())?.value?.outputs ?? outputs;
    for (let first = from; first < to; first += batch) {
      const last = Math.min(to, first + batch);
      const given = Array.from({ length: last - first }, (_, i) => split.image(first + i));
      const [own, expected] = [outputs, reference].map(({ logits }) =>
        logits.subarray((first - from) * classes.length, (last - from) * classes.length),
      ) as [Float32Array, Float32Array];
      tally.add(first, { own, expected, got: await student.logits(given) });
    }
    yield { done: to, total: split.count };
  }
  await references?.return();
  await engine.free(values.keys());
  const check = tally.result(source, labelledBy);
  if (check[measure] <= bound) return check;
  throw new LimbeckError(
    "EXPORT",
    `the exported ${model.name} gives other logits than the network: on ${source} they differ by ${measure === "difference" ? "up to " : ""}${share(check[measure])} of their size, ` +
      `and may by ${share(bound)}; nothing was exported: take another precision, and please report this`,
  );
}

class Tally {
  readonly #classes: readonly string[];
  readonly #split: Split;
  readonly #images: number[];
  readonly #right: number[];
  #largest = 0;
  #squares = 0;
  #differences = 0;
  #same = 0;
  #before = 0;
  #after = 0;

  constructor(classes: readonly string[], split: Split) {
    this.#classes = classes;
    this.#split = split;
    this.#images = classes.map(() => 0);
    this.#right = classes.map(() => 0);
  }

  /** Images from `first` on: logits [n, classes] of the network, of it as int8 computes it or again its own, and of the exported student. */
  add(first: number, { own, expected, got }: Readonly<Record<"own" | "expected" | "got", Float32Array>>): void {
    const k = this.#classes.length;
    for (let at = 0, image = first; at < expected.length; at += k, image++) {
      for (let i = at; i < at + k; i++) {
        const [a, b] = [expected[i]!, got[i]!];
        if (!Number.isFinite(a - b)) {
          const which = Number.isFinite(a) ? "the exported student gives" : "the network gives";
          throw new LimbeckError(
            "NOT_FINITE",
            `${which} logits that are no numbers for image ${image}; take other weights, or float32`,
          );
        }
        this.#largest = Math.max(this.#largest, Math.abs(a - b));
        this.#squares += a * a;
        this.#differences += (a - b) ** 2;
      }
      const [before, after] = [own, got].map((logits) => largest(logits.subarray(at, at + k))) as [number, number];
      const label = this.#split.labels[image]!;
      if (before === after) this.#same++;
      if (before === label) this.#before++;
      if (after === label) {
        this.#after++;
        this.#right[label]! += 1;
      }
      this.#images[label]! += 1;
    }
  }

  result(source: string, labelledBy: CheckImages["labelledBy"]): Check {
    const { count } = this.#split;
    const size = Math.sqrt(this.#squares / (count * this.#classes.length));
    const percent = (n: number): number => (100 * n) / count;
    const right = { before: percent(this.#before), after: percent(this.#after) };
    return {
      images: count,
      source,
      difference: this.#largest === 0 ? 0 : this.#largest / size,
      meanDifference: this.#largest === 0 ? 0 : Math.sqrt(this.#differences / this.#squares),
      agreement: percent(this.#same),
      ...(labelledBy && {
        ...(labelledBy === "people" ? { accuracy: right } : { teacherAgreement: right }),
        classes: this.#classes.map((name, i) => ({
          name,
          images: elementAt(this.#images, i),
          right: elementAt(this.#right, i),
        })),
      }),
    };
  }
}

/** The place of the first largest. */
function largest(logits: Float32Array): number {
  return logits.indexOf(logits.reduce((most, logit) => Math.max(most, logit), -Infinity));
}

/** `0.01%`, `2e-5%`. */
function share(part: number): string {
  return `${Number((100 * part).toPrecision(2))}%`;
}
