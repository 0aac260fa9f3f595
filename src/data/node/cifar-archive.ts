/** @file CIFAR-10's official binary archive: where it is, how it is recognised, and what it holds. */
import { cifar10 } from "../cifar.ts";
import type { Archive } from "./archive.ts";

const batchBytes = cifar10.imagesPerFile * (1 + 3 * 32 * 32);

/** As published at https://www.cs.toronto.edu/~kriz/cifar.html. */
export const cifar10Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  size: 170_052_171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  folder: "cifar-10-batches-bin",
  files: {
    ...Object.fromEntries([...cifar10.trainFiles, cifar10.testFile].map((name) => [name, batchBytes])),
    [cifar10.classesFile]: 61,
  },
};
