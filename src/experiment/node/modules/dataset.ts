/** @file The data set of a user module, each part read once, and its images checked as they come. */
import { aFunction, bytes, type Kind } from "../../../arguments.ts";
import { checkDataset } from "../../../data/check-dataset.ts";
import { aDataset, type Dataset, type Split } from "../../../data/dataset.ts";
import type { DatasetEntry, LoadOptions } from "../../../data/index.ts";
import { moduleFailed } from "./failed.ts";
import { type LoadedModule, settled, wrongKind, partOf } from "./import.ts";
import { checkIntrinsics } from "./intrinsics.ts";

const aSource: Kind = {
  expected: `a function that gives a data set, or ${aDataset.expected}`,
  is: (value) => aFunction.is(value) || aDataset.is(value),
};

/** The data set of a module, as a row of the table. Throws MODULE; so do `load`, also as `checkDataset`, and `image`. */
export function datasetOf(module: LoadedModule): Pick<DatasetEntry, "load"> {
  const { path } = module;
  const source = partOf(module, "dataset", aSource);
  return {
    async load(options) {
      try {
        const given =
          typeof source === "function"
            ? await settled(path, "give its data set", (source as Loader)(options), options?.signal)
            : source;
        checkIntrinsics(path);
        if (!aDataset.is(given)) throw wrongKind(path, "its function should give", aDataset, given);
        const dataset = datasetRead(path, given as Dataset);
        if (dataset.isLabelled !== false) checkDataset(dataset);
        return dataset;
      } catch (error) {
        throw moduleFailed(error, path, "gives no data set");
      }
    },
  };
}

type Loader = (options?: LoadOptions) => unknown;

function datasetRead(path: string, dataset: Dataset): Dataset {
  const { classes, shape, train, test, validation, mean, std, ...others } = dataset;
  return {
    ...others,
    classes: [...classes],
    shape: [...shape],
    train: splitRead(path, "train", train),
    test: splitRead(path, "test", test),
    validation: validation && splitRead(path, "validation", validation),
    mean: [...mean],
    std: [...std],
  };
}

/** NOTE: field by field, because of an object with a class its methods are no properties of its own. */
function splitRead(path: string, name: string, split: Split): Split {
  const { labels, count, stored, originals } = split;
  return {
    image(i) {
      const image: unknown = called(path, () => split.image(i));
      if (bytes.is(image)) return image as Uint8Array;
      throw wrongKind(path, `image(${i}) of its data set's ${name} should give`, bytes, image);
    },
    labels,
    count,
    stored: stored && ((i) => called(path, () => stored.call(split, i))),
    originals,
  };
}

function called<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw moduleFailed(error, path, "gives no image");
  }
}
