/** @file A few steps of LightNN on embedded images. The same code runs in Node and in a page. */
import { createModel, shapes, type Engine } from "../../src/entries/index.ts";
import { torchRandom } from "../../src/entries/nn.ts";
import * as nn from "../../src/entries/nn.ts";
import { findMethod, objective } from "../../src/entries/methods.ts";
import { adam, learner, train, trainedParameters } from "../../src/entries/training.ts";

/** What a training leaves: to be compared bit for bit, but for the engine's description. */
export interface Trained {
  readonly engine: string;
  readonly losses: readonly number[];
  /** SHA-256 of each parameter's bytes, in hexadecimal. */
  readonly weights: Readonly<Record<string, string>>;
}

/** Trains for six steps of 32 images, the last of them 8, and closes the engine. */
export async function trainLightNN(engine: Engine): Promise<Trained> {
  const dataset = shapes({ train: 168, test: 10 });
  const student = learner(createModel("LightNN"), objective(findMethod("ce")));
  const random = torchRandom(42);
  for (const [tensor, values] of nn.initialise(student.model.module, random)) await engine.write(tensor, values);
  const losses: number[] = [];
  const options = { engine, learner: student, dataset, optimiser: adam(), epochs: 1, batchSize: 32, random };
  for await (const event of train(options)) if (event.kind === "step") losses.push(event.loss);
  const weights: Record<string, string> = {};
  for (const [path, { tensor }] of trainedParameters(student)) weights[path] = await digest(await engine.read(tensor));
  await engine.close();
  return { engine: engine.description, losses, weights };
}

/** SHA-256 of the bytes, in hexadecimal. */
export async function digest({ buffer }: Float32Array): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer as ArrayBuffer));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
