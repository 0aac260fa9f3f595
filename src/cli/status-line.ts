/** @file The status of the work as a line of text, with a bar where there is room. */
import stringWidth from "string-width";
import type { DownloadProgress } from "../data/node/download.ts";
import { bytes, count, duration } from "../report/format.ts";
import { oneLine } from "../printable.ts";
import type { Status } from "./meter.ts";

/**
 * `[3/5] Student, cosine  epoch 2/4  step 35/64  loss 1.234  9,812 images/s  34 s left`, without what is unknown; in fewer
 * columns, without what matters least, and cut at their end.
 */
export function statusLine(status: Status, columns = Infinity): string {
  const { title, place, epoch, unit, done, total, loss, imagesPerSecond, secondsLeft } = status;
  const parts = {
    what: oneLine(`${place} ${title}`.trim()),
    epoch: oneLine(epoch),
    step: total === 0 && done === 0 ? "" : `${unit} ${count(done)}/${count(total)}`,
    loss: loss === undefined ? "" : `loss ${loss.toPrecision(4)}`,
    rate:
      imagesPerSecond === undefined ? "" : `${count(imagesPerSecond)} ${unit === "picture" ? "pictures" : "images"}/s`,
    left: secondsLeft === undefined ? "" : `${duration(secondsLeft)} left`,
  };
  const line = (): string => Object.values(parts).filter(Boolean).join("  ");
  for (const part of ["rate", "step", "loss", "left"] as const) {
    if (stringWidth(line()) <= columns) break;
    parts[part] = "";
  }
  return fitted(line(), columns);
}

/** `Downloading cifar-10-binary.tar.gz  12.3 MB of 170 MB  34 s left`, or what else is done with it. */
export function downloadLine({ url, step, received, total }: DownloadProgress, secondsLeft?: number): string {
  const verb = { waiting: "Waiting for", downloading: "Downloading", unpacking: "Unpacking" }[step];
  const left = secondsLeft === undefined ? "" : `  ${duration(secondsLeft)} left`;
  return `${verb} ${url.slice(url.lastIndexOf("/") + 1)}  ${bytes(received)} of ${bytes(total)}${left}`;
}

/** The line, cut where the terminal ends. */
export function fitted(line: string, columns: number): string {
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
export const percentColumns = 5;

/** `━━━━━━━━────────  50%`: `width` columns and a percentage. */
export function bar(done: number, total: number, width: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.floor(share * width);
  return `${"━".repeat(filled)}${"─".repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}
