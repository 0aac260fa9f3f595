/** @file The block that a terminal shows of work under way: what it is, a bar with speed and time left, the losses so far. */
import stringWidth from "string-width";
import { oneLine } from "../printable.ts";
import { bytes, count, duration, percent } from "../report/index.ts";
import type { Status } from "./meter.ts";

/** Columns of a bar, at most. */
const barColumns = 32;

/**
 * ```
 * [3/5] Student, cosine loss  epoch 2/4  step 35/64
 * ━━━━━━━━━━━━━━━━━───────────────  54%  9,812 images/s  34 s left
 * loss 1.234 █▇▅▄▃▂▂▁▁  validation 61.20% ▁▅█
 * ```
 * Without what is unknown; in fewer columns, without what stands last in a line.
 */
export function progressBlock(status: Status, columns = Infinity): readonly string[] {
  const { epoch, done, total, losses = [], validations = [] } = status;
  const validation = validations.at(-1);
  const width = Math.max(0, Math.min(barColumns, columns - percentColumns));
  const lines = [
    [titleText(status), oneLine(epoch), doneText(status)],
    [total === 0 ? "" : bar(done, total, width), rateText(status), leftText(status)],
    [
      lossText(status),
      sparkline(losses),
      ...(validation === undefined ? [] : [`validation ${percent(validation)}`, sparkline(validations)]),
    ],
  ];
  return lines.map((parts) => fittedParts(parts, columns)).filter(Boolean);
}

/** `[3/5] Student, cosine  epoch 2/4  step 35/64  loss 1.234  9,812 images/s  34 s left`, without what is unknown: for a log. */
export function statusLine(status: Status): string {
  return [
    titleText(status),
    oneLine(status.epoch),
    doneText(status),
    lossText(status),
    rateText(status),
    leftText(status),
  ]
    .filter(Boolean)
    .join("  ");
}

/** `step 35/64`, `12.3 MB of 170 MB`; `300 pictures` while nobody knows of how many. */
function doneText({ unit, done, total }: Status): string {
  if (total === 0) return done === 0 ? "" : `${count(done)} ${unit}s`;
  return unit === "byte" ? `${bytes(done)} of ${bytes(total)}` : `${unit} ${count(done)}/${count(total)}`;
}

function titleText({ place, title }: Status): string {
  return oneLine(`${place} ${title}`.trim());
}

function lossText({ loss }: Status): string {
  return loss === undefined ? "" : `loss ${loss.toPrecision(4)}`;
}

function rateText({ imagesPerSecond, unit }: Status): string {
  if (imagesPerSecond === undefined) return "";
  return `${count(imagesPerSecond)} ${unit === "picture" ? "pictures" : "images"}/s`;
}

function leftText({ secondsLeft }: Status): string {
  return secondsLeft === undefined ? "" : `${duration(secondsLeft)} left`;
}

/** As many of the parts as fit, at least the beginning of the first. */
function fittedParts(parts: readonly string[], columns: number): string {
  const [first = "", ...others] = parts.filter(Boolean);
  let line = fitted(first, columns);
  for (const part of others) {
    if (stringWidth(`${line}  ${part}`) > columns) break;
    line = `${line}  ${part}`;
  }
  return line;
}

const levels = "▁▂▃▄▅▆▇█";

/** A character for each value, from the lowest to the highest; those that are not finite are left out. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return finite
    .map((value) => levels[range === 0 ? 0 : Math.round(((value - low) / range) * (levels.length - 1))])
    .join("");
}

/** The line, cut where the terminal ends. */
function fitted(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line;
  let left = columns - 1;
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    left -= stringWidth(segment);
    if (left < 0) break;
    shown += segment;
  }
  return `${shown.trimEnd()}…`;
}

/** Columns of a bar's percentage, with the space before it. */
const percentColumns = 5;

/** `━━━━━━━━────────  50%`: `width` columns and a percentage. */
export function bar(done: number, total: number, width: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.floor(share * width);
  return `${"━".repeat(filled)}${"─".repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}
