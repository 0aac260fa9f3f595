/** @file A kind of teacher from outside the project's folders: one file and a row. It is opened, tested, teaches, is recorded and resumed. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { servedTeachers } from "../../src/cli/serve/teachers.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { usableNetwork } from "../../src/use/index.ts";
import { shapes, type Dataset } from "../../src/entries/index.ts";
import { ofPictures, openExperiment, type ExperimentEvent, type TeacherKind } from "../../src/entries/node.ts";

/** The nearest of some images, one a class: `{ classes, means }`, each mean [3, 32, 32] of pixels. */
const nearestMean: TeacherKind = {
  name: "nearest-mean",
  matches: (path) => path.endsWith(".means.json"),
  async open(path, { run, read, classNames }) {
    const { bytes, sha256 } = await read(`means of ${run}`, path);
    const file = JSON.parse(new TextDecoder().decode(bytes)) as { classes: string[]; means: number[][] };
    const teacher = {
      name: "nearest mean",
      classes: file.means.length,
      classNames: classNames ?? file.classes,
      preprocessing: {
        inputShape: [3, 32, 32],
        resize: [32, 32],
        interpolation: "bilinear",
        range: 255,
        mean: [0, 0, 0],
        std: [1, 1, 1],
        channelOrder: "RGB",
      },
      shapes: new Map([["logits", [file.means.length]]]),
      identity: sha256,
      parameters: file.means.flat().length,
      bytes: bytes.length,
      async outputs(images: Uint8Array, count: number) {
        const size = images.length / count;
        const logits = Array.from({ length: count }, (_, i) =>
          file.means.map((mean) => -distance(images.subarray(i * size, (i + 1) * size), mean) / 20),
        );
        return { logits: Float32Array.from(logits.flat()) };
      },
      close: async () => undefined,
    } as const;
    return ofPictures(teacher, { file: path, sha256, kind: "nearest-mean", preprocessing: teacher.preprocessing });
  },
};

function distance(pixels: Uint8Array, mean: readonly number[]): number {
  return mean.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0) / mean.length;
}

function meansOf({ train, classes }: Dataset): number[][] {
  return classes.map((_, label) => {
    const own = Array.from({ length: train.count }, (_, i) => i).filter((i) => train.labels[i] === label);
    const images = own.map((i) => train.image(i));
    return Array.from(images[0]!, (_, at) => images.reduce((sum, image) => sum + image[at]!, 0) / images.length);
  });
}

const data = shapes({ train: 400, test: 10 });
const means = meansOf(data);
let root: string;
let teacher: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-own-teacher-"));
  teacher = join(root, "shapes.means.json");
  // In another order than the data set's: its logits are taken by name.
  await write(teacher, [3, 1, 2, 0, 4, 5, 6, 7, 8, 9]);
});
afterAll(() => rm(root, { recursive: true }));

async function write(path: string, order: readonly number[]): Promise<void> {
  const file = { classes: order.map((i) => data.classes[i]), means: order.map((i) => means[i]) };
  await writeFile(path, JSON.stringify(file));
}

const settings = {
  dataset: "shapes",
  engine: "wasm",
  threads: 1,
  limit: 40,
  batchSize: 8,
  epochs: 2,
  student: "LightNN",
  baseline: false,
  latency: false,
} as const;

interface Distilling {
  readonly teacher?: string;
  readonly resume?: boolean;
  readonly isEnough?: (event: ExperimentEvent) => boolean;
}

/** Distils; ended where `isEnough` says so. */
async function distilled(
  out: string,
  { teacher: path = teacher, resume = false, isEnough }: Distilling = {},
): Promise<ExperimentEvent[]> {
  const stop = new AbortController();
  const experiment = await openExperiment("distill", resume ? undefined : { ...settings, teacher: path }, {
    out: join(root, out),
    resume,
    teacherKinds: [nearestMean],
    signal: stop.signal,
  });
  const events: ExperimentEvent[] = [];
  try {
    for await (const event of experiment.run()) {
      events.push(event);
      if (isEnough?.(event)) stop.abort();
    }
  } finally {
    await experiment.close();
  }
  return events;
}

const student = (out: string) => readFile(join(root, out, "student/model.safetensors"));
const recordIn = async (out: string, run: string) =>
  JSON.parse(await readFile(join(root, out, run, "run.json"), "utf8")) as Record<string, unknown>;

test("a kind that is a file and a row is opened, tested, teaches and is recorded", async () => {
  const events = await distilled("whole");
  const titles = events.flatMap((event) => (event.kind === "run-end" ? event.run : []));
  expect(titles).toEqual(["teacher", "student"]);
  const notes = events.flatMap((event) => (event.kind === "note" ? event.text : []));
  expect(notes).toContainEqual(expect.stringMatching(/shapes\.means\.json has the 10 classes of shapes.* by name$/));
  const [{ sha256 }] = (await recordIn("whole", "teacher"))["teachers"] as [{ sha256: string }];
  const origin = { file: teacher, sha256, kind: "nearest-mean" };
  const about = { teachers: [expect.objectContaining(origin)] };
  const { test: tested, ...rest } = await recordIn("whole", "teacher");
  expect(rest).toMatchObject({ ...about, parameters: 10 * 3 * 32 * 32, epochs: [] });
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  // As it classifies them itself: more than guessing, which gives 4 of 40.
  const { test: images } = shapes({ train: 40, test: 40 });
  const nearest = (pixels: Uint8Array): number => {
    const far = means.map((mean) => distance(pixels, mean));
    return far.indexOf(Math.min(...far));
  };
  const right = Array.from({ length: 40 }, (_, i) => nearest(images.image(i)) === images.labels[i]);
  expect(tested).toMatchObject({ correct: right.filter(Boolean).length, count: 40 });
  expect(right.filter(Boolean).length).toBeGreaterThan(6);
  expect(await recordIn("whole", "student")).toMatchObject({ ...about, method: "kd" });
});

test("what it says is what the student learns: by others, in another order, it becomes another network", async () => {
  const other = join(root, "turned.means.json");
  const classes = data.classes.toReversed();
  await writeFile(other, JSON.stringify({ classes, means }));
  await distilled("turned", { teacher: other });
  expect(Buffer.compare(await student("turned"), await student("whole"))).not.toBe(0);
});

test("ended in the middle, it is resumed to the same bits; with another file it is refused", async () => {
  const isEnough = (event: ExperimentEvent): boolean => event.kind === "step" && event.step === 6;
  await expect(distilled("ended", { isEnough })).rejects.toMatchObject({ code: "ABORTED" });
  await write(teacher, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await expect(distilled("ended", { resume: true })).rejects.toMatchObject({ code: "CHECKSUM" });
  await write(teacher, [3, 1, 2, 0, 4, 5, 6, 7, 8, 9]);
  await distilled("ended", { resume: true });
  expect(Buffer.compare(await student("ended"), await student("whole"))).toBe(0);
});

test("limbeck serve, which has no such row, says why the teacher is not shown", async () => {
  const engine = await wasmEngine({ threads: 1 });
  try {
    const student = await usableNetwork(join(root, "whole/student"), {});
    const { teachers, missing } = await servedTeachers(student, { engine, modules: {} });
    expect(teachers).toEqual([]);
    expect(missing).toEqual([
      expect.stringMatching(/not shown: .*\.means\.json is of the kind nearest-mean, .*teacherKinds/),
    ]);
  } finally {
    await engine.close();
  }
});

test("without the row its file is taken for weights, and refused", async () => {
  const opened = openExperiment("distill", { ...settings, teacher }, { out: join(root, "unknown") });
  await expect(opened).rejects.toMatchObject({ code: "WEIGHTS" });
});

test("teacherOptions and a list of classes are for any kind of file; weights have no use for them", async () => {
  const asked: unknown[] = [];
  const kind: TeacherKind = {
    ...nearestMean,
    open: (path, context) => {
      asked.push(context.options, context.classNames);
      return nearestMean.open(path, context);
    },
  };
  const open = async (more: object): Promise<void> => {
    const config = { ...settings, teacher, ...more };
    const experiment = await openExperiment("distill", config, { out: join(root, "asked"), teacherKinds: [kind] });
    await experiment.run().next();
    await experiment.close();
  };
  await rm(join(root, "asked"), { recursive: true, force: true });
  await open({ teacherOptions: { layout: "NCHW" }, teacherLabels: data.classes });
  expect(asked).toEqual([{ layout: "NCHW" }, data.classes]);
  const weights = { teacher: join(root, "whole/student/model.safetensors") };
  for (const [name, value] of Object.entries({ teacherOptions: { layout: "NCHW" }, teacherLabels: data.classes })) {
    await rm(join(root, "asked"), { recursive: true, force: true });
    const message = expect.stringMatching(`^${name}: .*weights of Limbeck's say it themselves`);
    await expect(open({ ...weights, [name]: value })).rejects.toMatchObject({ code: "CONFIG", message });
  }
});
