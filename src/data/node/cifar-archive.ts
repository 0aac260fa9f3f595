/** @file The official binary archives: where they are, how they are recognised, and what they hold. */
import { batchBytes, cifar10, cifar100, type CifarLayout } from "../cifar.ts";
import type { Archive } from "./archive.ts";

/** As published at https://www.cs.toronto.edu/~kriz/cifar.html. */
export const cifar10Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  size: 170_052_171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  folder: "cifar-10-batches-bin",
  files: filesOf(cifar10),
};

/** The same page's; its MD5 is 03b5dce01913d631647c71ecec9e9cb8. */
export const cifar100Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  size: 168_513_733,
  sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  folder: "cifar-100-binary",
  files: filesOf(cifar100),
};

/** The layout's files, with the most bytes each may have. */
function filesOf(layout: CifarLayout): Record<string, number> {
  const { trainFiles, testFile, classesFile, imagesPerTrainFile, imagesPerTestFile, classCount } = layout;
  return {
    ...Object.fromEntries(trainFiles.map((name) => [name, batchBytes(layout, imagesPerTrainFile)])),
    [testFile]: batchBytes(layout, imagesPerTestFile),
    [classesFile]: 32 * classCount,
  };
}
