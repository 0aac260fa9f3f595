/** @file External logits as a teacher: a safetensors file that holds them for a data set's images, which nothing computes here. */
import { basename } from "node:path";
import { imagesFingerprint } from "../../data/fingerprint.ts";
import { LimbeckError } from "../../errors.ts";
import { type TeacherOutputs, descriptionOf, type SplitName } from "../teacher.ts";
import { storedLogits, storedSplits } from "../stored.ts";
import { splitOf, type TeacherKind } from "./kind.ts";

/** Named by `teacherLogits`: its files look as weights do. Opening and reading throws as `storedLogits`. */
export const logitsKind: TeacherKind = {
  name: "logits",
  matches: () => false,
  async open(path, context) {
    const { bytes, sha256 } = await context.read("logits of the teacher", path);
    return {
      notes: [],
      close: async () => undefined,
      async forDataset({ dataset }) {
        const inFile = storedSplits(bytes, path);
        const nameInFile = (split: SplitName): SplitName => (split === "test" ? (dataset.measuredOn ?? "test") : split);
        const read = async (split: SplitName): Promise<readonly [SplitName, TeacherOutputs]> => {
          const fingerprint = await imagesFingerprint(dataset, split);
          const { count } = splitOf(dataset, split);
          const stored = storedLogits(bytes, { source: path, count, fingerprint, split: nameInFile(split) });
          return [split, { ...stored, name: basename(path) }];
        };
        const others = (["validation", "test"] as const).filter(
          (split) => dataset[split] && inFile.has(nameInFile(split)),
        );
        const [train, ...held] = await Promise.all([read("train"), ...others.map(read)]);
        const outputs = new Map([train, ...held]);
        return {
          ...descriptionOf(train[1]),
          origins: [{ file: path, sha256, kind: "logits" }],
          parameters: 0,
          bytes: bytes.length,
          knows: new Set(outputs.keys()),
          isQueriedMirrored: false,
          // oxlint-disable-next-line require-yield -- nothing is left to compute
          async *query(split) {
            const found = outputs.get(split);
            if (found) return found;
            throw new LimbeckError("ARGUMENT", `${path} has no logits of the ${split} images`);
          },
        };
      },
    };
  },
};
