/** @file A big network has seen many pictures; you have few, and want a small one. Your network, your loss, your loop. */
import * as limbeck from "../src/index.ts"; // "limbeck" in a project of yours
import { add, crossEntropy, input, mean, mul, nn, square, sub, type Model, type Tensor } from "../src/index.ts";

const many = limbeck.shapes({ train: 4096, test: 1, seed: 1 }); // 32x32 pictures of ten kinds of figures
const few = limbeck.shapes({ train: 512, test: 1000, seed: 2 });
const engine = await limbeck.wasmEngine();

/** The labels' cross entropy, and how far the student's logits [N, 10] are from the teacher's: still symbols, no numbers. */
function loss(student: Tensor, teacher: Tensor, labels: Tensor, teacherWeight: number): Tensor {
  const distance = mean(square(sub(student, teacher)));
  return add(mul(crossEntropy(student, labels), 1 - teacherWeight), mul(distance, teacherWeight));
}

async function trainStudent(teacher: Model, teacherWeight: number, batch = 64): Promise<Model> {
  const conv = (from: number, to: number) => nn.conv2d(from, to, 3, { padding: 1 });
  const features = [conv(3, 8), nn.relu(), nn.maxPool2d(4), conv(8, 16), nn.relu(), nn.maxPool2d(2)];
  const module = nn.sequential([...features, nn.flatten(), nn.linear(256, 10)]);
  const random = limbeck.torchRandom(42);
  for (const [tensor, values] of nn.initialise(module, random)) await engine.write(tensor, values);
  // A whole step is one graph: both networks, the loss, its gradients and Adam's updates.
  const images = input("images", [batch, ...few.shape]);
  const labels = input("labels", [batch], "int32");
  const { output: logits } = nn.record(module, images, { training: true });
  const { output: target } = nn.record(teacher.module, images, { training: false });
  const total = loss(logits, target, labels, teacherWeight);
  const parameters = nn.namedParameters(module);
  const optimiser = limbeck.adam({ learningRate: 3e-3 }).attach(parameters);
  const tensors = [...parameters.values()].map(({ tensor }) => tensor);
  const updates = optimiser.updates(limbeck.gradients(total, tensors));
  const program = await engine.compile({ outputs: { total }, updates });
  const table = limbeck.normaliser(few); // each byte as the number that the networks see
  const [pixels, classes] = [new Float32Array(images.size), new Int32Array(batch)];
  for (let epoch = 0, step = 1; epoch < 30; epoch++) {
    const order = limbeck.loaderOrder(random, few.train.count, { shuffle: true });
    for (const range of limbeck.batches(few.train.count, batch)) {
      limbeck.gatherImages(few.train, few.shape, table, order, range, pixels);
      limbeck.gatherLabels(few.train, order, range, classes);
      await program.run({ images: pixels, labels: classes, ...limbeck.scalarsAt(optimiser, step++) });
    }
  }
  return { name: "student", module, inputShape: few.shape, classes: 10 };
}

async function show(title: string, model: Model): Promise<void> {
  const { accuracy } = await limbeck.evaluate({ engine, model, dataset: few, split: few.test });
  console.log(
    `${title}: ${nn.countParameters(model.module)} parameters, ${accuracy.toFixed(1)}% of new pictures right`,
  );
}

const teacher = limbeck.createModel("LightNN"); // one of Limbeck's, trained by Limbeck's loop
const random = limbeck.torchRandom(1);
for (const [tensor, values] of nn.initialise(teacher.module, random)) await engine.write(tensor, values);
const learner = limbeck.learner(teacher, limbeck.objective(limbeck.methods.ce));
await limbeck.result(limbeck.train({ engine, learner, dataset: many, optimiser: limbeck.adam(), epochs: 5, random }));
await show("teacher", teacher);
await show("student alone", await trainStudent(teacher, 0));
await show("student, taught", await trainStudent(teacher, 0.5));
await engine.close();
