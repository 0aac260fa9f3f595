/** @file Teachers are tested before they teach: one, several, and assistants on the way to the student. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findMethod, objective } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import type { ExperimentEvent } from "../../src/experiment/events.ts";
import { openFolder } from "../../src/experiment/node/folder.ts";
import { planTraining, type RunPlan } from "../../src/experiment/plan.ts";
import { performRuns } from "../../src/experiment/experiment.ts";
import { ensemble, type Model } from "../../src/models/index.ts";
import { initialise, namedStates } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { learner } from "../../src/distill/learner.ts";
import { result } from "../../src/train/events.ts";
import { train } from "../../src/train/train.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset({ train: 60, test: 60 });
const ce = objective(findMethod("ce"));
let root: string;
let good: ReadonlyMap<string, Float32Array>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-check-teacher-"));
  const engine = referenceEngine();
  const model = tinyModel({ channels: 8 });
  const random = torchRandom(1);
  await begin(engine, { model, auxiliaries: {} }, random);
  const optimiser = adam({ learningRate: 0.03 });
  await result(train({ engine, learner: learner(model, ce), dataset, optimiser, epochs: 8, batchSize: 8, random }));
  const values = [...namedStates(model.module)].map(async ([path, state]) => [path, await engine.read(state)] as const);
  good = new Map(await Promise.all(values));
});
afterAll(() => rm(root, { recursive: true }));

/** A teacher that has learned, or one that never did. */
function teacher(name: string, knows: boolean): RunPlan {
  const model = tinyModel({ channels: 8, name: knows ? "Wise" : "Guesser" });
  const states = [...namedStates(model.module)];
  const values = knows ? new Map(states.map(([path, state]) => [state, good.get(path)!])) : guesser(model);
  return { name, title: name, learner: learner(model, ce), values, pretrained: true, random: torchRandom(1) };
}

/** Small weights: it says the same of every image. */
function guesser(model: Model): ReadonlyMap<Tensor, Float32Array> {
  const drawn = initialise(model.module, torchRandom(3));
  return new Map([...drawn].map(([state, values]) => [state, values.map((value) => value / 1000)]));
}

function taught(name: string, by: Model, model = tinyModel({ channels: 4 })): RunPlan {
  return planTraining({ name, title: name, model, objective: objective(findMethod("kd")), seed: 1, teacher: by });
}

async function run(
  out: string,
  plans: readonly RunPlan[],
  more: object = {},
  { data = dataset, engine = referenceEngine() } = {},
) {
  const folder = await openFolder(join(root, out));
  const config = parseConfig("distill", { teacher: "t", dataset: "tiny", epochs: 1, batchSize: 8, ...more });
  const environment = { limbeck: "test", runtime: "test", engine: "reference", machine: "test", date: "test" };
  const events: ExperimentEvent[] = [];
  try {
    const experiment = { engine, dataset: data, folder, config, description: { ...config }, environment };
    for await (const event of performRuns(experiment, plans)) events.push(event);
    return events;
  } finally {
    await engine.close();
    await folder.close();
  }
}

const notes = (events: readonly ExperimentEvent[]) =>
  events.flatMap((event) => (event.kind === "note" && event.about === undefined ? [event.text] : []));
const weak = {
  code: "WEIGHTS",
  message: expect.stringMatching(/\(Guesser\) classifies \d+\.\d % of 60 test images.*guessing gives 33\.3 %.*--force/),
};

test("a teacher that knows the classes teaches without a word", async () => {
  const wise = teacher("teacher", true);
  const events = await run("wise", [wise, taught("student", wise.learner.model)]);
  expect(notes(events)).toEqual([]);
  expect(events.filter(({ kind }) => kind === "run-start")).toHaveLength(2);
  expect(events.at(-1)!.kind).toBe("end");
});

test("one that guesses stops the experiment before anything is written; it may be forced", async () => {
  const plans = () => {
    const guesses = teacher("teacher", false);
    return [guesses, taught("student", guesses.learner.model)];
  };
  await expect(run("guesser", plans())).rejects.toMatchObject(weak);
  expect(await readdir(join(root, "guesser"))).toEqual([]);
  const events = await run("guesser", plans(), { force: true });
  expect(notes(events)).toEqual([expect.stringMatching(/^teacher \(Guesser\) .*a student learns little from it$/)]);
  expect(events.at(-1)!.kind).toBe("end");
});

test("of several teachers each is tested, and all together", async () => {
  const members = [teacher("teacher-1", true), teacher("teacher-2", false)];
  const model = ensemble(members.map((member) => member.learner.model));
  const values = new Map(members.flatMap((member) => [...member.values]));
  const together = { ...members[0]!, name: "teacher", title: "together", learner: learner(model, ce), values };
  await expect(run("several", [...members, together, taught("student", model)])).rejects.toMatchObject({
    ...weak,
    message: expect.stringMatching(/^teacher-2 /),
  });
  expect(await readdir(join(root, "several"))).toEqual([]);
});

test("an assistant that came out guessing stops the chain, which may go on by force", async () => {
  const chain = () => {
    const wise = teacher("teacher", true);
    const untaught = tinyModel({ channels: 4, name: "Guesser" });
    const assistant = { ...taught("assistant-1", wise.learner.model, untaught), values: guesser(untaught) };
    return [wise, assistant, taught("student", untaught)];
  };
  const still = { learningRate: 1e-12 };
  await expect(run("chain", chain(), still)).rejects.toMatchObject({
    ...weak,
    message: expect.stringMatching(/^assistant-1 /),
  });
  await expect(run("chain", chain(), still)).rejects.toMatchObject(weak);
  const events = await run("chain", chain(), { ...still, force: true });
  expect(events.flatMap((event) => (event.kind === "run-end" ? [[event.run, event.resumed]] : []))).toEqual([
    ["teacher", true],
    ["assistant-1", true],
    ["student", false],
  ]);
});

test("a network that learned from labels here is its experiment's own: a word is enough", async () => {
  const model = tinyModel({ channels: 8, name: "Guesser" });
  const plan = planTraining({ name: "teacher", title: "Teacher", model, objective: ce, seed: 1 });
  const events = await run("labels", [{ ...plan, values: guesser(model) }, taught("student", model)], {
    learningRate: 1e-12,
  });
  expect(notes(events)).toEqual([expect.stringMatching(/^Teacher \(Guesser\)/)]);
  expect(events.at(-1)!.kind).toBe("end");
});

test("training images without a class are told of, once", async () => {
  const labels = dataset.train.labels.map((label) => Math.min(label, 1));
  const lacking = { ...dataset, train: { ...dataset.train, labels } };
  const one = planTraining({ name: "a", title: "a", model: tinyModel(), objective: ce, seed: 1 });
  const other = planTraining({ name: "b", title: "b", model: tinyModel(), objective: ce, seed: 1 });
  const told = notes(await run("missing", [one, other], {}, { data: lacking }));
  expect(told.filter((text) => !text.startsWith("classes are unequal"))).toEqual([
    "none of the 60 training images is of south-west: nothing can be learned of this class; take more images",
  ]);
});

test("training images that the engine has no room to keep are told of, once, unless they change", async () => {
  const plan = (name: string): RunPlan =>
    planTraining({ name, title: name, model: tinyModel(), objective: ce, seed: 1 });
  const small = () => ({ engine: Object.assign(referenceEngine(), { roomForBytes: () => 60 * 32 - 1 }) });
  expect(notes(await run("room", [plan("a"), plan("b")], {}, small()))).toEqual([
    "the training images take 1 MiB, of which reference keeps 0 MiB at most: each step is given its own, to the same results",
  ]);
  expect(notes(await run("views", [plan("a")], { augment: { cutout: {} } }, small()))).toEqual([]);
});
