/** @file Data sets as they are published. */
import { aNumber, anObject, aString, bytes, each, having, optional } from "../../arguments.ts";
import * as splits from "../../data/dataset.ts";
import * as data from "../../data/index.ts";
import * as pictures from "../../data/shapes.ts";
import * as subsets from "../../data/subsets.ts";
import { checked, checkedAsync } from "./checked.ts";
import { aDataset, someLabels } from "./kinds.ts";

export const loadDataset = checkedAsync("loadDataset", data.loadDataset, {
  name: aString,
  options: optional(anObject),
});
export const splitOf = checked("splitOf", splits.splitOf, {
  images: having("an object", { pixels: bytes, labels: someLabels }),
});
export const holdOut = checked("holdOut", subsets.holdOut, { dataset: aDataset, ...each(aNumber, "count", "seed") });
export const limit = checked("limit", subsets.limit, { dataset: aDataset, count: aNumber });
export const shapes = checked("shapes", pictures.shapes, { options: optional(anObject) });
