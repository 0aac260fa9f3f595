/** @file Every operator that can be imported, by its name in ONNX. */
import type { Operator } from "../call.ts";
import { activations } from "./activation.ts";
import { arithmetic } from "./arithmetic.ts";
import { layers } from "./convolution.ts";
import { linears } from "./linear.ts";
import { norms } from "./norm.ts";
import { pools } from "./pool.ts";
import { quantisations } from "./quantised.ts";
import { reductions } from "./reduce.ts";
import { resizes } from "./resize.ts";
import { selections } from "./select.ts";
import { shapes } from "./shape.ts";

export const operators: ReadonlyMap<string, Operator> = new Map(
  [
    layers,
    norms,
    linears,
    resizes,
    activations,
    pools,
    arithmetic,
    quantisations,
    reductions,
    shapes,
    selections,
  ].flatMap((family) => Object.entries(family)),
);
