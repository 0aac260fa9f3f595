/** @file The status of the work as a line of text, with a bar where there is room. */
import type { DownloadProgress } from "../data/node/download.ts";
import { bytes, count, duration } from "../report/format.ts";
import type { Status } from "./meter.ts";

/** `[3/5] Student, cosine  epoch 2/4  step 35/64  loss 1.234  9,812 images/s  34 s left`, without what is unknown. */
export function statusLine(status: Status): string {
  const { title, place, epoch, unit, done, total, loss, imagesPerSecond, secondsLeft } = status;
  return [
    `${place} ${title}`.trim(),
    epoch,
    `${unit} ${count(done)}/${count(total)}`,
    loss === undefined ? "" : `loss ${loss.toPrecision(4)}`,
    imagesPerSecond === undefined ? "" : `${count(imagesPerSecond)} images/s`,
    secondsLeft === undefined ? "" : `${duration(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join("  ");
}

/** `Downloading cifar-10-binary.tar.gz  12.3 MB of 170 MB  34 s left`, or what else is done with it. */
export function downloadLine({ url, step, received, total }: DownloadProgress, secondsLeft?: number): string {
  const verb = { waiting: "Waiting for", downloading: "Downloading", unpacking: "Unpacking" }[step];
  const left = secondsLeft === undefined ? "" : `  ${duration(secondsLeft)} left`;
  return `${verb} ${url.slice(url.lastIndexOf("/") + 1)}  ${bytes(received)} of ${bytes(total)}${left}`;
}

/** `━━━━━━━━────────  50%`: `width` columns and a percentage. */
export function bar(done: number, total: number, width: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.floor(share * width);
  return `${"━".repeat(filled)}${"─".repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}
