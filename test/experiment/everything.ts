/** @file A made-up method that asks the contract for everything it offers, for tests of the training around it. */
import { meanSquaredError, option, softTargetLoss, type Method } from "../../src/distill/index.ts";
import { buffer, conv2d, sequential, type Module } from "../../src/nn/index.ts";
import { add, mean, mul, stopGradient, sub, indexSelect } from "../../src/tensor/index.ts";

const options = { connectEpochs: option.count(2, "epochs of the pre-training") };

/** A row of three numbers for each image, drawn at first. */
function memory(images: number): Module {
  const rows = buffer("rows", [images, 3], (random) => random.normal(images * 3, 0, 0.1));
  const centre = buffer("centre", [3], 0.5);
  return { buffers: { rows, centre }, forward: (x) => x };
}

export const everything: Method<typeof options, "feature" | "logits"> = {
  name: "everything",
  title: "Everything",
  summary: "Uses each part of the contract.",
  paper: "None.",
  options,
  labels: { weight: 1, isFixed: true },
  needsTeacher: true,
  targets: (teacher) => ({ feature: teacher.feature("features"), logits: teacher.logits }),
  auxiliaries: ({ student, targets, images }) => {
    const channels = student.feature("features").shape[1]!;
    const module = sequential([conv2d(channels, targets.feature.shape[1]!, 1)]);
    return {
      connector: { module, pretrainingOnly: true },
      memory: { module: memory(images) },
      head: { module: sequential([conv2d(channels, 2, 1)]) },
    };
  },
  needs: () => ({ negatives: { count: 5 } }),
  pretraining: ({ connectEpochs }) => [
    {
      name: "connect",
      title: "Connector",
      epochs: connectEpochs,
      trains: ["connector"],
      losses: ({ student, targets, auxiliary }) => ({
        connect: meanSquaredError(auxiliary("connector", student.feature("features")), targets.feature),
      }),
      weights: { connect: 1 },
    },
  ],
  losses: ({ student, targets, indices, negatives, teacher, auxiliary, buffer, update }) => {
    const connected = auxiliary("connector", student.feature("features"));
    const [rows, centre] = [buffer("memory.rows"), buffer("memory.centre")];
    update(centre, add(mul(centre, 0.9), mul(stopGradient(mean(student.logits, { axes: [0] })), 0.1)));
    const near = mean(sub(student.logits, indexSelect(rows, indices)));
    const far = mean(indexSelect(rows, negatives));
    return {
      connected: meanSquaredError(connected, targets.feature),
      taught: softTargetLoss(student.logits, targets.logits, 2),
      through: mean(
        mul(
          teacher.run(
            "classifier.3",
            teacher.run("classifier.1", teacher.run("classifier.0", teacher.run("flatten", connected))),
          ),
          0.01,
        ),
      ),
      remembered: add(mul(near, near), mul(add(far, mean(sub(student.logits, centre))), 0.01)),
      head: mean(mul(auxiliary("head", student.feature("features")), 0.1)),
    };
  },
  weights: () => ({
    connected: 0.1,
    taught: { value: 0.5, rampEpochs: 4 },
    through: 1,
    remembered: 1,
    head: 1,
  }),
};
