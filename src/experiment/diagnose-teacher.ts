/** @file Why a teacher classifies few images rightly: its pixels in another range, or its classes in another order. Both are tried, and what fits is named. */
import { evaluatingOutputs, type PixelNumbers } from "../teachers/index.ts";
import { result, type Progress } from "../train/index.ts";
import { wilson } from "../train/evaluate/index.ts";
import type { Diagnosis } from "./check-teacher.ts";
import type { DatasetTeacher, SplitName } from "../teachers/index.ts";
import type { Evaluation } from "./record.ts";

/** Images that other numbers are tried on. */
const TRIED = 64;

/** How a teacher was measured, and on which images. */
export interface Measurement {
  readonly which: SplitName;
  readonly labels: ArrayLike<number>;
  readonly classes: readonly string[];
  readonly found: Pick<Evaluation, "confusion">;
  readonly signal?: AbortSignal | undefined;
}

/** Queries the teacher again by some of the images, their pixels in other ranges; yields its progress. `undefined` where it cannot be queried so and nothing else is found. */
export async function* diagnosed(
  { trial }: Pick<DatasetTeacher, "trial">,
  { which, labels, classes, found, signal }: Measurement,
): AsyncGenerator<Progress, Diagnosis | undefined> {
  const order = otherOrder(found, classes);
  if (!trial) return order && { text: order.text, isFound: true };
  const count = Math.min(TRIED, labels.length);
  const places = Array.from({ length: count }, (_, i) => Math.floor((i * labels.length) / count));
  const own = places.map((place) => labels[place]!);
  const ways = [{ name: "as it is", numbers: trial.preprocessing }, ...otherWays(trial.preprocessing)];
  const tried: (Way & { readonly right: number })[] = [];
  for (const way of ways) {
    const outputs = trial.outputs(which, places, way.numbers);
    const { correct } = await result(evaluatingOutputs({ outputs, labels: own, signal }));
    tried.push({ ...way, right: correct });
    yield { done: tried.length * count, total: ways.length * count };
  }
  const [now, ...others] = tried.map(({ right }) => right);
  const best = tried.reduce((most, next) => (next.right > most.right ? next : most));
  // Of two that explain as much, the one that has less to choose from.
  if (order && order.share > best.right / count) return { text: order.text, isFound: true };
  if (wilson(best.right, count)[0] > wilson(now!, count)[1]) {
    const options = changed(trial.preprocessing, best.numbers).map((option) => `--teacher-option ${option}`);
    const equal = tried.filter((way) => way !== best && way.right === best.right).map((way) => way.name);
    const also = equal.length === 0 ? "" : `, as many with ${equal.join(", ")}`;
    return {
      text:
        `its preprocessing is wrong: it classifies ${now} of ${count} of these images correctly, and ${best.right} with ${best.name} ` +
        `(${options.join(" ")})${also}; say how it was trained`,
      isFound: true,
    };
  }
  const list = tried.slice(1).map(({ name }, i) => `${others[i]} with ${name}`);
  return {
    text: `no other range of its pixels does better: it classifies ${now} of ${count} of these images correctly, ${list.join(", ")}`,
    isFound: false,
  };
}

interface Way {
  readonly name: string;
  readonly numbers: PixelNumbers;
}

/** Ranges that networks are trained with, but for the teacher's own. */
function otherWays(own: PixelNumbers): readonly Way[] {
  const all = (value: number): readonly number[] => own.mean.map(() => value);
  const { channelOrder } = own;
  const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const isColour = own.mean.length === 3;
  const ways: readonly Way[] = [
    { name: `range ${own.range === 1 ? 255 : 1}`, numbers: { ...own, range: own.range === 1 ? 255 : 1 } },
    { name: "pixels from 0 to 1", numbers: { channelOrder, range: 1, mean: all(0), std: all(1) } },
    { name: "pixels from 0 to 255", numbers: { channelOrder, range: 255, mean: all(0), std: all(1) } },
    { name: "pixels from -1 to 1", numbers: { channelOrder, range: 1, mean: all(0.5), std: all(0.5) } },
    ...(isColour
      ? ([
          { name: "ImageNet's mean and deviation", numbers: { channelOrder, range: 1, ...imageNet } },
          {
            name: "the other order of channels",
            numbers: { ...own, channelOrder: channelOrder === "RGB" ? "BGR" : "RGB" },
          },
        ] as const)
      : []),
  ];
  const seen = new Set([effectOf(own)]);
  return ways.filter(({ numbers }) => {
    const effect = effectOf(numbers);
    return !seen.has(effect) && seen.add(effect);
  });
}

/** Equal for numbers that make the same of each pixel. */
function effectOf({ range, mean, std, channelOrder }: PixelNumbers): string {
  const rounded = (values: readonly number[]): string => values.map((value) => (value / range).toPrecision(6)).join();
  return [rounded(mean), rounded(std), channelOrder].join(" ");
}

/** As `--teacher-option` has them. */
function changed(own: PixelNumbers, numbers: PixelNumbers): readonly string[] {
  return (["range", "mean", "std", "channelOrder"] as const)
    .filter((name) => String(numbers[name]) !== String(own[name]))
    .map((name) => `${name}=${String(numbers[name])}`);
}

/** Where it takes most images of each class for one class, no two for the same: the share of images that this explains. */
function otherOrder(
  { confusion }: Measurement["found"],
  classes: readonly string[],
): { readonly text: string; readonly share: number } | undefined {
  const rows = confusion.flatMap((row, label) => {
    const images = row.reduce((sum, n) => sum + n, 0);
    const most = Math.max(...row);
    return images > 0 ? [{ label, called: row.indexOf(most), images, most }] : [];
  });
  const [images, asOne] = [
    rows.reduce((sum, row) => sum + row.images, 0),
    rows.reduce((sum, row) => sum + row.most, 0),
  ];
  const isOneToOne = new Set(rows.map(({ called }) => called)).size === rows.length;
  const swapped = rows.filter(({ label, called }) => label !== called);
  if (!isOneToOne || swapped.length === 0 || wilson(asOne, images)[0] < 50) return undefined;
  const named = swapped.slice(0, 3).map(({ label, called }) => `of ${classes[label]}, ${classes[called]}`);
  return {
    text: `its classes seem to stand in another order: of most images it says, ${named.join("; ")}; name its classes in their order (teacherLabels)`,
    share: asOne / images,
  };
}
