/** @file The features of training, a row each: in this order they change gradients and add updates. */
import { accumulated } from "./accumulate.ts";
import { averaged } from "./ema.ts";
import type { MakeFeature } from "../feature.ts";
import { frozen } from "./freeze.ts";
import { lookahead } from "./lookahead.ts";
import { quantised } from "../quantise/quantised.ts";

export const features: readonly MakeFeature[] = [quantised, frozen, accumulated, averaged, lookahead];
