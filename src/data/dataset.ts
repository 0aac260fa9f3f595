/** @file The contract of a data set: labelled 8-bit images in memory, and how to normalise them. */

/** Images of one split. Image i is `pixels[i·C·H·W ...]`, channel by channel (CHW), its class `labels[i]`. */
export interface Split {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/** A labelled image collection with a training and a test split. */
export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  /** [channels, height, width] */
  readonly shape: readonly [number, number, number];
  readonly train: Split;
  /** Training images that were held out to choose by; see `holdOut`. */
  readonly validation?: Split;
  readonly test: Split;
  /** Per channel, on pixels / 255: x = (pixel / 255 - mean) / std, each step rounded to float32 as PyTorch does. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
