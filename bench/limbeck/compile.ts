/** @file `node compile.ts MODEL THREADS`: prints the seconds that recording and compiling its training step on 128 images takes. */
import { objectiveNamed } from "../../src/distill/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { createModel } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { learner, trainedParameters } from "../../src/train/index.ts";
import { trainingStep } from "../../src/train/step.ts";

const [name = "resnet110", threads] = process.argv.slice(2);
const engine = await wasmEngine({ threads: Number(threads) });
const started = performance.now();
const student = learner(createModel(name), objectiveNamed("ce"));
const { graph } = trainingStep(student, 128, adam().attach(trainedParameters(student)));
await engine.compile(graph);
process.stdout.write(`${(performance.now() - started) / 1000}\n`);
await engine.close();
