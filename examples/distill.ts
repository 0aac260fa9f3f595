/** @file A big network has seen many pictures; you have few, and want a small one. Your network, your loss, your loop. */
import { createTrainer, evaluate, shapes, wasmEngine, type Model } from "../src/entries/index.ts"; // "limbeck" in your project
import { crossEntropy } from "../src/entries/methods.ts";
import * as nn from "../src/entries/nn.ts";
import { add, gradients, input, mean, mul, square, sub, type Tensor } from "../src/entries/tensor.ts";
import * as training from "../src/entries/training.ts";

const many = shapes({ train: 4096, test: 1, seed: 1 }); // 32x32 pictures of ten kinds of figures
const few = shapes({ train: 512, test: 1000, seed: 2 });
const engine = await wasmEngine();

/** The labels' cross entropy, and how far the student's logits [N, 10] are from the teacher's: still symbols, no numbers. */
function loss(student: Tensor, teacher: Tensor, labels: Tensor, teacherWeight: number): Tensor {
  const distance = mean(square(sub(student, teacher)));
  return add(mul(crossEntropy(student, labels), 1 - teacherWeight), mul(distance, teacherWeight));
}

async function trainStudent(teacher: Model, teacherWeight: number, batch = 64): Promise<Model> {
  const conv = (from: number, to: number) => nn.conv2d(from, to, 3, { padding: 1 });
  const features = [conv(3, 8), nn.relu(), nn.maxPool2d(4), conv(8, 16), nn.relu(), nn.maxPool2d(2)];
  const module = nn.sequential([...features, nn.flatten(), nn.linear(256, 10)]);
  const random = nn.torchRandom(42);
  for (const [tensor, values] of nn.initialise(module, random)) await engine.write(tensor, values);
  // A whole step is one graph: both networks, the loss, its gradients and Adam's updates.
  const images = input("images", [batch, ...few.shape]);
  const labels = input("labels", [batch], "int32");
  const { output: logits } = nn.record(module, images, { training: true });
  const { output: target } = nn.record(teacher.module, images, { training: false });
  const total = loss(logits, target, labels, teacherWeight);
  const parameters = nn.namedParameters(module);
  const optimiser = training.adam({ learningRate: 3e-3 }).attach(parameters);
  const tensors = [...parameters.values()].map(({ tensor }) => tensor);
  const updates = optimiser.updates(gradients(total, tensors));
  const program = await engine.compile({ outputs: { total }, updates });
  const table = training.normaliser(few); // each byte as the number that the networks see
  const [pixels, classes] = [new Float32Array(images.size), new Int32Array(batch)];
  for (let epoch = 0, step = 1; epoch < 30; epoch++) {
    const order = training.loaderOrder(random, few.train.count, { shuffle: true });
    for (const range of training.batches(few.train.count, batch)) {
      training.gatherImages(few.train, few.shape, table, order, range, pixels);
      training.gatherLabels(few.train, order, range, classes);
      await program.run({ images: pixels, labels: classes, ...training.scalarsAt(optimiser, step++) });
    }
  }
  return { name: "student", module, inputShape: few.shape, classes: 10 };
}

async function show(title: string, model: Model): Promise<void> {
  const { accuracy } = await evaluate({ engine, model, dataset: few, split: few.test });
  console.log(
    `${title}: ${nn.countParameters(model.module)} parameters, ${accuracy.toFixed(1)}% of new pictures right`,
  );
}

const trainer = await createTrainer({ dataset: many, engine, epochs: 5, seed: 1 });
const teacher = await trainer.train("LightNN"); // one of Limbeck's, trained by Limbeck's loop
await show("teacher", teacher);
await show("student alone", await trainStudent(teacher, 0));
await show("student, distilled", await trainStudent(teacher, 0.5));
await engine.close();
