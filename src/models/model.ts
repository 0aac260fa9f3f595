/** @file What the table of models holds, and how one is made. */
import type { Module } from "../nn/module.ts";

/** A classifier: images [N, ...inputShape] in, logits [N, classes] out. */
export interface Model {
  /** Its name in the table. */
  readonly name: string;
  readonly module: Module;
  /** [channels, height, width] */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
}

/** What every model can be told. */
export interface ModelOptions {
  readonly classes?: number;
  /** Probability that dropout zeroes an element. */
  readonly dropout?: number;
}
