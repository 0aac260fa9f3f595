/** @file Teachers of every kind, and how they teach. */
import { copyFile, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normaliser, gatherImages } from "../../src/data/loader.ts";
import type { Split } from "../../src/data/dataset.ts";
import { methods, objective, type AnyMethod } from "../../src/distill/index.ts";
import { importOnnx, wasmEngine, type Model, type WasmEngine } from "../../src/entries/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { keepOutputs } from "../../src/teachers/node/keep.ts";
import { openTeacher, type OpenedTeacher, type OpenTeacherOptions } from "../../src/teachers/node/open.ts";
import {
  cacheTargets,
  forClasses,
  evaluatingOutputs,
  networkTeacher,
  outputsNeeded,
  computedOutputs,
  teacherPlaceholder,
  storedLogits,
  teacherView,
  type Preprocessing,
  type TeacherOutputs,
} from "../../src/teachers/index.ts";
import { cacheTeacherOutputs, learner, result, train, type TeacherCache } from "../../src/train/index.ts";
import { writeSafetensors } from "../../src/weights/index.ts";
import { fewImages, smallStudent } from "../distill/small.ts";
import { onnxFile } from "../onnx/onnx-file.ts";

const dataset = fewImages(8);
const goldenFile = (name: string) => fileURLToPath(new URL(`../../src/onnx/golden/${name}.onnx`, import.meta.url));
const golden = JSON.parse(
  await readFile(new URL("../../src/onnx/import.golden.json", import.meta.url), "utf8"),
) as Readonly<
  Record<
    string,
    { readonly inputShape: readonly [number, number, number]; readonly ofPixels: readonly (readonly number[])[] }
  >
>;

let engine: WasmEngine;
let folder: string;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "limbeck-teachers-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** As the data set has it. */
const plain = {
  resize: [32, 32],
  interpolation: "bilinear",
  range: 1,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
} as const satisfies Partial<Preprocessing>;

const open = (name: string, options: Partial<OpenTeacherOptions> = {}): Promise<OpenedTeacher> =>
  openTeacher(goldenFile(name), { engine, preprocessing: plain, ...options });

/** The data set's training images as a teacher of another size sees them. */
function seenBy({ preprocessing }: OpenedTeacher): Pick<Split, "image" | "count"> {
  const [channels, height, width] = dataset.shape;
  return {
    count: dataset.train.count,
    image: (i) => teacherView({ channels, height, width, pixels: dataset.train.image(i) }, preprocessing).pixels,
  };
}

/** Losses and the student's weights after an epoch. */
async function taught(
  method: AnyMethod,
  teacher: Model,
  cacheOf: (subject: ReturnType<typeof learner>) => Promise<TeacherCache>,
) {
  const subject = learner(smallStudent(), objective(method), teacher, { images: dataset.train.count });
  for (const [tensor, values] of initialise(subject.model.module, torchRandom(3), Object.values(subject.auxiliaries))) {
    await engine.write(tensor, values);
  }
  const teacherCache = await cacheOf(subject);
  const random = torchRandom(4);
  const options = {
    engine,
    learner: subject,
    dataset,
    optimiser: sgd({ learningRate: 0.01 }),
    epochs: 1,
    batchSize: 8,
    random,
    teacherCache,
  };
  return (await result(train(options))).at(-1)!.terms;
}

async function taughtByOutputs(method: AnyMethod, outputs: TeacherOutputs) {
  const teacher = teacherPlaceholder(outputs, smallStudent());
  return taught(method, teacher, async (subject) => {
    const [cache] = await result(cacheTargets({ engine, outputs, teacher, batchSize: 8 }, [subject]));
    return cache!;
  });
}

const everyKind = [
  methods.kd,
  methods.fitnet,
  methods.at,
  methods.crd,
  methods.srrl,
  methods.reviewkd,
  methods.simkd,
  methods.ofd,
];

describe("a network whose outputs are computed first", () => {
  test.each(everyKind.map((method) => [method.name, method as AnyMethod] as const))(
    "%s learns the same as from the network itself",
    async (_, method) => {
      const teacher = await open("resnet-norms");
      const outputs = computedOutputs(teacher, dataset.train);
      const { network } = teacher;
      const direct = await taught(method, network!, async (subject) => {
        const [cache] = await result(
          cacheTeacherOutputs({ engine, model: network!, dataset, batchSize: 8 }, [subject]),
        );
        return cache!;
      });
      const given = await taughtByOutputs(method, outputs);
      expect(Object.keys(given)).toEqual(Object.keys(direct));
      for (const [term, value] of Object.entries(direct)) expect(given[term], term).toBeCloseTo(value, 5);
      await teacher.close();
    },
  );

  test("its numbers are those that a data set of this normalisation is given", async () => {
    const teacher = await open("resnet-norms");
    const numbers = new Float32Array(8 * 3072);
    gatherImages(
      dataset.train,
      dataset.shape,
      normaliser(dataset),
      Int32Array.from({ length: 8 }, (_, i) => i),
      { from: 0, to: 8 },
      numbers,
    );
    const { normalised } = await import("../../src/teachers/index.ts");
    const pixels = new Uint8Array(8 * 3072);
    for (let i = 0; i < 8; i++) pixels.set(dataset.train.image(i), i * 3072);
    expect(normalised(pixels, 8, teacher.preprocessing)).toEqual(numbers);
    const swapped = normalised(pixels, 8, { ...teacher.preprocessing, channelOrder: "BGR" });
    expect(swapped.slice(0, 1024)).toEqual(numbers.slice(2048, 3072));
  });

  test("it may take images of another size", async () => {
    const teacher = await open("resnet", { preprocessing: { ...plain, resize: 72 } });
    const renamed = { ...teacher, classNames: [..."abcdefghij"] };
    const outputs = forClasses(computedOutputs(renamed, seenBy(teacher)), dataset.classes);
    expect(outputs.shapes.get("logits")).toEqual([4]);
    const { fitnet, ce } = (await taughtByOutputs(methods.fitnet, outputs)) as { fitnet?: number; ce?: number };
    expect([fitnet ?? 1, ce].every((value) => Number.isFinite(value))).toBe(true);
    await expect(computedOutputs(teacher, dataset.train).read(0, 1, ["logits"])).rejects.toThrow(
      "takes images of [3, 64, 64], but got one of 3072 bytes",
    );
    await teacher.close();
  });
});

describe("ONNX Runtime", () => {
  test.each(["resnet", "vgg", "mobilenet-v3", "shufflenet-v2"])(
    "it gives of %s what the imported network gives",
    async (name) => {
      const size = name === "resnet" || name === "shufflenet-v2" ? 64 : 32;
      const preprocessing = { ...plain, resize: [size, size] } as const;
      const imported = await open(name, { preprocessing });
      const run = await open(name, { preprocessing, runner: "onnxruntime", threads: 1 });
      expect([imported.runner, run.runner]).toEqual(["import", "onnxruntime"]);
      expect(run.features?.at(-1)).toEqual(imported.features?.at(-1));
      const embedding = run.features!.at(-1)!.output;
      const pixels = Uint8Array.from({ length: 3 * 3 * size * size }, (_, i) => (i * 37) % 256);
      const [a, b] = await Promise.all(
        [imported, run].map((teacher) => teacher.outputs(pixels, 3, ["logits", embedding])),
      );
      for (const path of ["logits", embedding]) {
        const [ours, theirs] = [a![path]!, b![path]!];
        expect(theirs.length).toBe(ours.length);
        const scale = Math.max(...ours.map(Math.abs));
        expect(Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]!))) / scale).toBeLessThan(1e-5);
      }
      await Promise.all([imported.close(), run.close()]);
    },
  );

  test("a file that cannot be imported teaches by its logits and embedding, and by what is tapped", async () => {
    const path = join(folder, "local-norm.onnx");
    const numbers = (...dims: number[]) => ({
      dims,
      values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
    });
    const nodes = [
      ["Conv", ["x", "conv"], ["a"]],
      ["LRN", ["a"], ["normed"], { size: 3 }],
      ["GlobalAveragePool", ["normed"], ["p"]],
      ["Flatten", ["p"], ["embedding"]],
      ["Gemm", ["embedding", "fc", "bias"], ["logits"], { transB: 1 }],
    ] as const;
    const constants = { conv: numbers(8, 3, 3, 3), fc: numbers(6, 8), bias: numbers(6) };
    await writeFile(path, onnxFile({ nodes, constants, inputs: { x: ["n", 3, 16, 16] }, outputs: ["logits"] }));
    const teacher = await openTeacher(path, {
      engine,
      preprocessing: { ...plain, resize: [16, 16] },
      taps: ["normed"],
    });
    expect(teacher.runner).toBe("onnxruntime");
    expect(teacher.notImported).toContain('"LRN"');
    expect([...teacher.shapes]).toEqual([
      ["logits", [6]],
      ["normed", [8, 14, 14]],
      ["embedding", [8]],
    ]);
    const named = { ...teacher, classNames: [..."xabcdy"] };
    const outputs = forClasses(computedOutputs(named, seenBy(teacher)), dataset.classes);
    for (const method of [methods.kd, methods.pkt, methods.rkd, methods.crd] as AnyMethod[]) {
      for (const value of Object.values(await taughtByOutputs(method, outputs)))
        expect(Number.isFinite(value)).toBe(true);
    }
    for (const method of [methods.srrl, methods.simkd] as AnyMethod[]) {
      await expect(taughtByOutputs(method, outputs)).rejects.toMatchObject({
        code: "UNSUPPORTED",
      });
    }
    await teacher.close();
  });

  test.each(Object.keys(golden).filter((name) => name !== "softmax"))(
    "logits of pixels are PyTorch's: %s",
    async (name) => {
      const { inputShape, ofPixels } = golden[name]!;
      const [, height, width] = inputShape;
      for (const runner of ["import", "onnxruntime"] as const) {
        const teacher = await open(name, { runner, preprocessing: { ...plain, resize: [height, width] } });
        const pixels = Uint8Array.from({ length: 9 * height * width }, (_, i) => (i * 37) % 256);
        const { logits } = await teacher.outputs(pixels, 3);
        const expected = ofPixels.flat();
        expect(logits!.length).toBe(expected.length);
        expect(Math.max(...expected.map((value, i) => Math.abs(value - logits![i]!)))).toBeLessThan(1e-4);
        await teacher.close();
      }
    },
  );

  test("a softmax at the end is left out, channels may come last", async () => {
    const run = await openTeacher(goldenFile("softmax"), {
      engine,
      runner: "onnxruntime",
      preprocessing: { ...plain, resize: [12, 12], mean: [0.5], std: [0.25] },
    });
    expect(run.leftOut).toEqual(["Softmax"]);
    const { logits } = await run.outputs(new Uint8Array(144).fill(200), 1);
    expect(logits!.reduce((a, b) => a + b, 0)).not.toBeCloseTo(1, 3);
    await run.close();
    const last = join(folder, "last.onnx");
    const nodes = [
      ["Transpose", ["x"], ["t"], { perm: [0, 3, 1, 2] }],
      ["GlobalMaxPool", ["t"], ["p"]],
      ["Flatten", ["p"], ["y"]],
    ] as const;
    await writeFile(last, onnxFile({ nodes, inputs: { x: ["n", 2, 2, 3] } }));
    const pixels = Uint8Array.of(0, 0, 0, 51, 0, 0, 0, 102, 0, 0, 0, 255);
    const preprocessing = { ...plain, resize: [2, 2], mean: [0, 0, 0], std: [1, 1, 1] } as const;
    for (const runner of ["import", "onnxruntime"] as const) {
      const teacher = await openTeacher(last, { engine, runner, preprocessing });
      const { logits: largest } = await teacher.outputs(pixels, 1);
      expect([...largest!].map((value) => value.toFixed(3))).toEqual(["0.200", "0.400", "1.000"]);
      await teacher.close();
    }
  });
});

describe("what a teacher tells apart", () => {
  test("it is judged by the classes of images", async () => {
    const teacher = await open("resnet-norms");
    const outputs = computedOutputs(teacher, dataset.train);
    const { accuracy, predictions, confusion } = await result(
      evaluatingOutputs({ outputs, labels: dataset.train.labels }),
    );
    const { logits } = await outputs.read(0, 8, ["logits"]);
    const best = Array.from({ length: 8 }, (_, i) => {
      const row = [...logits!.subarray(i * 4, i * 4 + 4)];
      return row.indexOf(Math.max(...row));
    });
    expect(predictions).toEqual(best);
    expect(accuracy).toBe((100 * best.filter((each, i) => each === i % 4).length) / 8);
    expect(confusion.flat().reduce((a, b) => a + b, 0)).toBe(8);
  });

  test.each([
    ["nothing", () => undefined],
    ["other outputs", () => ({})],
    ["too few numbers", () => ({ logits: new Float32Array(3) })],
    ["a list", () => ({ logits: [0, 1] })],
  ])("one that gives %s is no wrong number in silence, but an error", async (_, read) => {
    const outputs = {
      name: "mine",
      count: 8,
      shapes: new Map([["logits", [4]]]),
      read: read as unknown as TeacherOutputs["read"],
    };
    const refused = { code: "SHAPE", message: expect.stringContaining("should give 32 numbers of logits") };
    await expect(result(evaluatingOutputs({ outputs, labels: dataset.train.labels }))).rejects.toMatchObject(refused);
  });

  test("other classes are mapped by name, in any order", async () => {
    const teacher = await open("resnet-norms");
    const plainOutputs = computedOutputs(teacher, dataset.train);
    const mapped = forClasses(plainOutputs, ["c", "a"], ["a", "b", "c", "d"]);
    const [{ logits: all }, { logits: two }] = await Promise.all([
      plainOutputs.read(2, 4, ["logits"]),
      mapped.read(2, 4, ["logits"]),
    ]);
    expect([...two!]).toEqual([all![2], all![0], all![6], all![4]]);
    expect(() => forClasses(plainOutputs, ["a"])).toThrow("give teacherLabels");
    expect(() => forClasses(plainOutputs, ["a", "z"], [..."abcd"])).toThrow("does not tell z");
  });

  test("a teacher of other classes teaches by its embedding, and not by its logits", async () => {
    const teacher = await open("mobilenet-v3");
    const outputs = computedOutputs(teacher, dataset.train);
    for (const value of Object.values(await taughtByOutputs(methods.pkt, outputs)))
      expect(Number.isFinite(value)).toBe(true);
    await expect(taughtByOutputs(methods.kd, outputs)).rejects.toThrow("has 10 classes, which are not the data set's");
    await teacher.close();
  });
});

describe("outputs on disk", () => {
  test("they are computed once, for the same teacher, preprocessing and images", async () => {
    const teacher = await open("resnet-norms");
    const cache = join(folder, "cache");
    let runs = 0;
    const counted: TeacherOutputs = {
      ...computedOutputs(teacher, dataset.train),
      read: (from, to, wanted) => (runs++, computedOutputs(teacher, dataset.train).read(from, to, wanted)),
    };
    const keep = (options: Partial<Parameters<typeof keepOutputs>[0]> = {}) =>
      result(
        keepOutputs({
          teacher,
          outputs: counted,
          wanted: ["logits"],
          images: { fingerprint: "f", view: "train" },
          cache,
          ...options,
        }),
      );
    const first = await (await keep()).read(1, 3, ["logits"]);
    expect(runs).toBe(1);
    const second = await (await keep()).read(1, 3, ["logits"]);
    expect(runs).toBe(1);
    expect(second).toEqual(first);
    await keep({ images: { fingerprint: "other", view: "train" } });
    await keep({ images: { fingerprint: "f", view: "validation" } });
    await keep({ teacher: { ...teacher, preprocessing: { ...teacher.preprocessing, mean: [0, 0, 0] } } });
    await keep({ teacher: { ...teacher, identity: "another" } });
    expect(runs).toBe(5);
    const files = await readdir(join(cache, "teachers"));
    expect(files.length).toBe(5);
    for (const name of files) {
      const bytes = await readFile(join(cache, "teachers", name));
      bytes[bytes.length - 3]! ^= 1;
      await writeFile(join(cache, "teachers", name), bytes);
    }
    expect(await (await keep()).read(1, 3, ["logits"])).toEqual(first);
    expect(runs).toBe(6);
    await (await keep({ most: 4 })).read(1, 3, ["logits"]);
    expect(runs).toBe(7);
    expect(
      outputsNeeded(
        [learner(smallStudent(), objective(methods.kd), teacherPlaceholder(counted, smallStudent()))],
        teacherPlaceholder(counted, smallStudent()),
        counted,
      ),
    ).toEqual(["logits"]);
    await teacher.close();
  });

  test("a teacher that teaches without its outputs cached is refused", async () => {
    const teacher = await open("resnet-norms");
    const subject = learner(
      smallStudent(),
      objective(methods.kd),
      teacherPlaceholder(computedOutputs(teacher, dataset.train), smallStudent()),
    );
    const options = {
      engine,
      learner: subject,
      dataset,
      optimiser: sgd({ learningRate: 0.01 }),
      epochs: 1,
      random: torchRandom(1),
    };
    await expect(result(train(options))).rejects.toThrow("computed outside the engine, so they have to be cached");
  });
});

describe("logits computed outside Limbeck", () => {
  const file = (shape: readonly number[], metadata: Readonly<Record<string, string>> = {}, fill = 1) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, (_, i) => (i % 5) * fill);
    return writeSafetensors(new Map([["logits", { shape, values }]]), metadata);
  };

  test("they teach", async () => {
    const outputs = storedLogits(file([8, 4], { fingerprint: "f", classes: '["a","b","c","d"]' }), {
      source: "l",
      count: 8,
      fingerprint: "f",
    });
    expect(outputs.classNames).toEqual(["a", "b", "c", "d"]);
    const { kd } = (await taughtByOutputs(methods.kd, outputs)) as { kd: number };
    expect(kd).toBeGreaterThan(0);
    await expect(taughtByOutputs(methods.fitnet, outputs)).rejects.toThrow("declares no stages");
  });

  test.each([
    [file([7, 4]), "WEIGHTS", "a tensor logits [8, classes], a row for each training image, got [7, 4]"],
    [file([8, 4], { fingerprint: "g" }), "CHECKSUM", "fingerprint g, but the training images here have f"],
    [file([8, 4], {}, Infinity), "NOT_FINITE", "should be numbers"],
    [file([8, 4], { classes: "[1]" }), "WEIGHTS", "a JSON list of 4 names"],
    [new Uint8Array(3), "WEIGHTS", "safetensors"],
  ])("others are refused", (bytes, code, text) => {
    const act = () => storedLogits(bytes, { source: "l.safetensors", count: 8, fingerprint: "f" });
    expect(act).toThrow(text);
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe("preprocessing is never guessed", () => {
  const beside = async (files: Readonly<Record<string, unknown>>, options: Partial<OpenTeacherOptions> = {}) => {
    const at = await mkdtemp(join(folder, "beside-"));
    await copyFile(goldenFile("resnet-norms"), join(at, "model.onnx"));
    for (const [name, content] of Object.entries(files)) await writeFile(join(at, name), JSON.stringify(content));
    return openTeacher(join(at, "model.onnx"), { engine, ...options });
  };

  test("what is missing is said, and how to say it", async () => {
    await expect(beside({}, { preprocessing: { mean: [0, 0, 0] } })).rejects.toThrow(
      /preprocessing is not known, resize, interpolation, range, std missing; say, as preprocessing \(--teacher-option\), resize=256.*preprocessor_config\.json/,
    );
  });

  test("Hugging Face's files", async () => {
    const config = { id2label: { 0: "a", 1: "b", 2: "c", 3: "d" } };
    const preprocessor = {
      do_resize: true,
      size: { shortest_edge: 36 },
      resample: 3,
      do_center_crop: true,
      crop_size: { height: 32, width: 32 },
      do_rescale: true,
      rescale_factor: 0.00392156862745098,
      do_normalize: true,
      image_mean: [0.1, 0.2, 0.3],
      image_std: [0.4, 0.5, 0.6],
    };
    const teacher = await beside({ "preprocessor_config.json": preprocessor, "config.json": config });
    expect(teacher.classNames).toEqual(["a", "b", "c", "d"]);
    expect(teacher.preprocessing).toEqual({
      inputShape: [3, 32, 32],
      resize: 36,
      interpolation: "bicubic",
      range: 1,
      mean: [0.1, 0.2, 0.3],
      std: [0.4, 0.5, 0.6],
      channelOrder: "RGB",
    });
    const other = await beside({ "preprocessor_config.json": preprocessor }, { preprocessing: { resize: [32, 32] } });
    expect(other.preprocessing.resize).toEqual([32, 32]);
  });

  test("timm's file", async () => {
    const pretrained_cfg = {
      input_size: [3, 32, 32],
      interpolation: "bicubic",
      crop_pct: 0.875,
      crop_mode: "center",
      mean: [0, 0, 0],
      std: [1, 1, 1],
    };
    const teacher = await beside({
      "config.json": { architecture: "resnet18", num_classes: 4, pretrained_cfg, label_names: [..."wxyz"] },
    });
    expect(teacher.preprocessing).toMatchObject({ resize: 36, interpolation: "bicubic", range: 1 });
    expect(teacher.classNames).toEqual([..."wxyz"]);
    await expect(beside({ "config.json": { pretrained_cfg, label_names: ["one"] } })).rejects.toThrow(
      "gives 4 logits, but 1 classes are named",
    );
  });

  test("the file's metadata", async () => {
    const path = join(folder, "metadata.onnx");
    const nodes = [
      ["GlobalAveragePool", ["x"], ["p"]],
      ["Flatten", ["p"], ["y"]],
    ] as const;
    const metadata = {
      names: `{0: 'cat', 1: "jack-o'-lantern", 2: 'dog'}`,
      preprocessing: JSON.stringify({ ...plain, resize: 8 }),
    };
    await writeFile(path, onnxFile({ nodes, metadata }));
    const teacher = await openTeacher(path, { engine });
    expect(teacher.classNames).toEqual(["cat", "jack-o'-lantern", "dog"]);
    expect(teacher.preprocessing.std).toEqual([0.25, 0.25, 0.25]);
    await writeFile(
      path,
      onnxFile({ nodes, metadata: { preprocessing: JSON.stringify({ ...plain, resize: "8", mean: 3 }) } }),
    );
    await expect(openTeacher(path, { engine })).rejects.toMatchObject({ code: "ARGUMENT" });
  });
});

describe("numbers in other files", () => {
  const nodes = [
    ["GlobalAveragePool", ["x"], ["p"]],
    ["Flatten", ["p"], ["f"]],
    ["Gemm", ["f", "w"], ["y"], { transB: 1 }],
  ] as const;
  const withData = (location: string) =>
    onnxFile({ nodes, constants: { w: { dims: [2, 3], values: [], external: { location } } } });
  const preprocessing = { ...plain, resize: [8, 8] } as const;

  test("beside the file they are read, by both", async () => {
    const path = join(folder, "external.onnx");
    await writeFile(path, withData("w.bin"));
    await expect(openTeacher(path, { engine, preprocessing })).rejects.toMatchObject({ code: "DATA_MISSING" });
    await writeFile(join(folder, "w.bin"), new Uint8Array(Float32Array.of(1, 0, 0, 0, 2, 0).buffer));
    for (const runner of ["import", "onnxruntime"] as const) {
      const teacher = await openTeacher(path, { engine, preprocessing, runner });
      const { logits } = await teacher.outputs(new Uint8Array(192).fill(255), 1);
      expect([...logits!]).toEqual([2, 4]);
      await teacher.close();
    }
  });

  test("outside of its folder they are not", async () => {
    const path = join(folder, "outside.onnx");
    await symlink("/etc/hostname", join(folder, "link.bin"));
    for (const location of ["../w.bin", "/etc/hostname", "a/../../w.bin", "link.bin", "..", "."]) {
      await writeFile(path, withData(location));
      await expect(openTeacher(path, { engine, preprocessing })).rejects.toMatchObject({ code: "WEIGHTS" });
    }
  });
});

test("a network of ours is a teacher, too", async () => {
  const { model, values } = importOnnx(await readFile(goldenFile("resnet-norms")));
  const preprocessing: Preprocessing = { ...plain, inputShape: [3, 32, 32], channelOrder: "RGB" };
  await expect(networkTeacher({ engine, model, preprocessing, identity: "x" })).rejects.toMatchObject({
    code: "WEIGHTS",
  });
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const teacher = await networkTeacher({ engine, model, preprocessing, identity: "x" });
  await expect(teacher.outputs(new Uint8Array(3072), 1, ["lgits"])).rejects.toThrow("did you mean logits?");
  await expect(teacher.outputs(new Uint8Array(3), 1)).rejects.toMatchObject({ code: "SHAPE" });
});
