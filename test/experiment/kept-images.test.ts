/** @file Training images that the engine keeps: what is trained is the same to the bit, and a step is given numbers of images alone. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Augment } from "../../src/data/augment-options.ts";
import { splitOf, type Dataset } from "../../src/data/dataset.ts";
import { normaliser } from "../../src/data/loader.ts";
import { findMethod, objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { forwarding } from "../../src/engine/forwarding.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { namedStates } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { keepImages, KeptImages } from "../../src/train/kept-images.ts";
import { learner } from "../../src/distill/learner.ts";
import type { TrainOptions } from "../../src/train/options.ts";
import { imagesInput } from "../../src/train/step-input.ts";
import { train } from "../../src/train/train.ts";
import { openOnSwiftShader, whyNoWebGpu } from "../engines/swiftshader.ts";
import { skipped } from "../engines/tested.ts";
import { begin, tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset({ train: 21 });

interface Scene {
  readonly open: () => Promise<Engine>;
  /** Bytes that the engine says it has room for. */
  readonly room?: number;
  readonly more?: Partial<TrainOptions>;
}

/** What a training on an engine with so much room tells and ends in, and what each of its runs was given. */
async function trained({ open, room = Infinity, more }: Scene) {
  const engine = await open();
  onTestFinished(() => engine.close());
  const student = learner(tinyModel({ norm: true }), objective(findMethod("ce")));
  const random = torchRandom(42);
  await begin(engine, student, random);
  const [given, brought] = [new Set<string>(), [] as number[]];
  const watched: Engine = {
    ...forwarding(engine),
    async writeRows(state, rows, values) {
      brought.push(...rows);
      await engine.writeRows(state, rows, values);
    },
    roomForBytes: () => Math.min(room, engine.roomForBytes()),
    async compile(graph) {
      const program = await engine.compile(graph);
      return {
        close: () => program.close(),
        async run(inputs = {}) {
          for (const name of Object.keys(inputs)) given.add(name);
          return program.run(inputs);
        },
      };
    },
  };
  const options: TrainOptions = { engine: watched, learner: student, dataset, optimiser: adam(), epochs: 2, random };
  const told: unknown[] = [];
  for await (const event of train({ batchSize: 8, ...options, ...more }))
    told.push(event.kind === "epoch" ? { ...event, seconds: 0 } : event);
  const states = [...namedStates(student.model.module).values()];
  return { told, given, brought, values: await Promise.all(states.map((state) => engine.read(state))) };
}

const bytes = 21 * 32;
const ofRun = ({ told, values }: Awaited<ReturnType<typeof trained>>) => ({ told, values });

describe.each([
  { name: "reference", open: async (): Promise<Engine> => referenceEngine(), missing: undefined },
  { name: "wasm", open: (): Promise<Engine> => wasmEngine({ threads: 2 }), missing: undefined },
  { name: "webgpu", open: openOnSwiftShader, missing: whyNoWebGpu },
])("$name", ({ open, missing }) => {
  test.skipIf(missing)(
    skipped("keeps them where it has room, and brings each once; a training ends in the same bits", missing),
    async () => {
      const [kept, given] = [await trained({ open, room: bytes }), await trained({ open, room: bytes - 1 })];
      expect([kept.given.has("images"), given.given.has("images")]).toEqual([false, true]);
      expect(kept.given).toContain("indices");
      expect(kept.brought.toSorted((a, b) => a - b)).toEqual([...Array(21).keys()]);
      expect(given.brought).toEqual([]);
      expect(ofRun(kept)).toEqual(ofRun(given));
    },
  );

  test.skipIf(missing)(
    skipped(
      "looks up the bits that the host gathers, of images of random shapes, shifted and mirrored or not",
      missing,
    ),
    async () => {
      const engine = await open();
      onTestFinished(() => engine.close());
      const random = torchRandom(3);
      const below = (limit: number): number => 1 + random.randint(1, 0, limit)[0]!;
      for (let i = 0; i < 16; i++) {
        const shape = [below(5), below(20), below(20)] as const;
        const count = below(30);
        const labels = new Uint8Array(count);
        const pixels = Uint8Array.from(random.randint(count * shape[0] * shape[1] * shape[2], 0, 256));
        const mean = Array.from({ length: shape[0] }, (_, channel) => 0.3 + channel / 7);
        const images: Dataset = { ...dataset, shape, train: splitOf({ pixels, labels }), mean, std: mean };
        const order = Int32Array.from(random.randint(below(40), 0, count));
        const range = { from: 0, to: order.length };
        const augment = augmentOf(i, Math.min(shape[1], shape[2]));
        const kept = new KeptImages(engine, images, augment);
        const { images: y, inputs } = kept.batch(input("indices", [order.length], "int32"));
        const program = await engine.compile({ outputs: { y }, updates: [] });
        await kept.bring(order, range);
        const source = { split: images.train, shape, table: normaliser(images) };
        const position = { order, range, epoch: i, phaseEpoch: i, step: i, random, source, augment };
        const given: Record<string, Int32Array> = { indices: order };
        for (const { symbol, fill } of inputs) {
          const values = new Int32Array(symbol.size);
          fill(values, position);
          given[symbol.attributes.name] = values;
        }
        const expected = new Float32Array(y.size);
        const { fill: gather } = imagesInput(order.length, shape);
        gather(expected, position);
        expect((await program.run(given)).y, `${shape.join()} ${JSON.stringify(augment)}`).toEqual(expected);
        program.close();
        await kept.free();
      }
    },
  );
});

/** Every other one of four ways, of images with so many pixels a side at least. */
function augmentOf(turn: number, side: number): Augment | undefined {
  const crop = { padding: Math.min(4, side - 1), border: turn % 8 < 4 ? "reflect" : "black" } as const;
  const flip = { probability: 0.5, alternating: turn % 8 < 4 };
  const isCropped = turn % 4 > 1 && side > 1;
  if (turn % 4 === 0) return undefined;
  return { seed: turn, ...(isCropped && { crop }), ...(turn % 2 === 1 && { flip }) };
}

const open = (): Promise<Engine> => wasmEngine({ threads: 1 });

test("batches in parts, and a training that is resumed within an epoch, end in the same bits", async () => {
  const more = { accumulate: 3 };
  const whole = await trained({ open, more });
  expect(ofRun(whole)).toEqual(ofRun(await trained({ open, room: 0, more })));
  const saved: Checkpoint[] = [];
  const checkpoints = { due: () => true, save: async (checkpoint: Checkpoint) => void saved.push(checkpoint) };
  await trained({ open, more: { ...more, checkpoints } });
  const resumed = await trained({ open, more: { ...more, resume: saved[3]! } });
  expect(resumed.values).toEqual(whole.values);
  expect(resumed.brought.length).toBe(13);
});

test("images that are cropped and mirrored are kept, to the bits of views that the host makes", async () => {
  const augment: Augment = {
    seed: 9,
    crop: { padding: 2, border: "reflect" },
    flip: { probability: 0.5, alternating: true },
  };
  const more = { augment, accumulate: 2 };
  const [kept, given] = [await trained({ open, more }), await trained({ open, room: 0, more })];
  expect([...kept.given].toSorted()).toEqual(
    [...given.given, "indices", "shifts"].filter((name) => name !== "images").toSorted(),
  );
  expect(ofRun(kept)).toEqual(ofRun(given));
});

test("images that change otherwise are not kept, nor more than 512 MiB", async () => {
  const engine = referenceEngine();
  const of = (count: number): Dataset => ({ ...dataset, train: { ...dataset.train, count } });
  expect(keepImages({ engine, dataset, augment: { seed: 1, cutout: { size: 2 } } })).toBe(undefined);
  expect(keepImages({ engine, dataset: of(2 ** 24) })).toBeDefined();
  expect(keepImages({ engine, dataset: of(2 ** 24 + 1) })).toBe(undefined);
  await engine.close();
});
