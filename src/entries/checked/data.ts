/** @file Data sets as they are published. */
import * as splits from "../../data/dataset.ts";
import * as data from "../../data/index.ts";
import * as pictures from "../../data/shapes.ts";
import * as subsets from "../../data/subsets.ts";
import { checked, checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";

export const loadDataset = checkedAsync("loadDataset", data.loadDataset, { name: is.aString, "options?": is.anObject });
export const splitOf = checked("splitOf", splits.splitOf, { images: { pixels: is.bytes, labels: is.someLabels } });
export const holdOut = checked("holdOut", subsets.holdOut, { dataset: is.aDataset, "count seed": is.aNumber });
export const limit = checked("limit", subsets.limit, { dataset: is.aDataset, count: is.aNumber });
export const shapes = checked("shapes", pictures.shapes, { "options?": is.anObject });
