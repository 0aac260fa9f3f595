/** @file What the wasm engine computes from unchanged states: once for each change of them, and as if it were at every run. */
import { expect, onTestFinished, test } from "vitest";
import { wasmEngine, type WasmEngine, type WasmProgram } from "../../src/engine/wasm/index.ts";
import {
  add,
  analyse,
  conv2d,
  exp,
  input,
  linear,
  matmul,
  mul,
  relu,
  reshape,
  state,
  substitute,
  type Graph,
  type Tensor,
} from "../../src/tensor/index.ts";
import { createModel } from "../../src/models/index.ts";
import { initialise, namedStates, record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { evaluate } from "../../src/engine/reference/index.ts";
import { expectClose } from "./close.ts";
import { cases } from "./cases/index.ts";
import { trialOf } from "./cases/trial.ts";
import { Draws } from "./random.ts";

async function opened(threads = 1): Promise<WasmEngine> {
  const engine = await wasmEngine({ threads });
  onTestFinished(() => engine.close());
  return engine;
}

/** The kernels that a run runs. */
async function kernelsOf(program: WasmProgram, inputs: Readonly<Record<string, Float32Array>> = {}): Promise<string[]> {
  const { levels } = await program.profile(inputs);
  return levels.flatMap(({ kernels }) => kernels.map(({ label }) => label));
}

const pattern = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => ((i * 7) % 11) - 5);

test("weights are packed and filters transformed before the first run, and again when one was written", async () => {
  const engine = await opened();
  const x = input("x", [1, 32, 8, 8]);
  const filters = state("filters", [32, 32, 3, 3]);
  const weight = state("weight", [10, 2048]);
  const features = relu(conv2d(x, filters, undefined, { padding: [1, 1] }));
  const y = linear(reshape(features, [1, 2048]), weight);
  const program = await engine.compile({ outputs: { y }, updates: [] });
  const inputs = { x: pattern(x.size) };
  const isPreparation = (label: string): boolean => /^(pack|transform filters)/.test(label);
  const first = await kernelsOf(program, inputs);
  expect(first.filter(isPreparation)).toEqual(["transform filters 32×32", "pack B 2048×10"]);
  const second = await kernelsOf(program, inputs);
  expect(second).toEqual(first.filter((label) => !isPreparation(label)));
  await engine.write(weight, pattern(weight.size));
  expect(await kernelsOf(program, inputs)).toEqual(first);
  expect(await kernelsOf(program, inputs)).toEqual(second);
});

test("norms of an evaluation are in the weights before them, and follow what a training does to their statistics", async () => {
  const engine = await opened();
  const { module } = createModel("resnet8");
  for (const [tensor, values] of initialise(module, torchRandom(1))) await engine.write(tensor, values);
  const images = input("images", [1, 3, 32, 32]);
  const given = { images: new Draws("images").normals(images.size) };
  const { output } = record(module, images, { training: false });
  const program = await engine.compile({ outputs: { output }, updates: [] });
  await program.run(given);
  const passes = (await kernelsOf(program, given)).filter((label) => !/^(conv2d|matmul|avgPool2d|arrange)/.test(label));
  expect(passes).toEqual([]);
  const updates = Array.from(record(module, images, { training: true }).updates, ([state, value]) => ({
    state,
    value,
  }));
  const training = await engine.compile({ outputs: {}, updates });
  await training.run(given);
  const states = await Promise.all(
    [...namedStates(module).values()].map(async (held) => [held, await engine.read(held)] as const),
  );
  const expected = evaluate({ outputs: { output }, updates: [] }, new Map([[images, given.images], ...states]));
  expectClose("output", (await program.run(given)).output!, expected.output!, { tolerance: 1e-5 });
});

test("weights that the program updates are packed at every run", async () => {
  const engine = await opened();
  const [x, w] = [input("x", [4, 4]), state("w", [4, 4])];
  const y = matmul(x, w);
  const program = await engine.compile({ outputs: {}, updates: [{ state: w, value: add(w, y) }] });
  const inputs = { x: pattern(16) };
  for (let run = 0; run < 2; run++) expect(await kernelsOf(program, inputs)).toContain("pack B 4×4");
});

test("a state that is not used has no part in it", async () => {
  const engine = await opened();
  const [w, other] = [state("w", [3]), state("other", [3])];
  const program = await engine.compile({ outputs: { y: exp(w) }, updates: [] });
  expect(await kernelsOf(program)).toEqual(["exp 3"]);
  await engine.write(other, pattern(3));
  expect(await kernelsOf(program)).toEqual([]);
  expect([...(await program.run()).y!]).toEqual([1, 1, 1]);
});

test("what is prepared is the program's own memory, and is given back with it", async () => {
  const engine = await opened();
  const [x, w] = [input("x", [1, 512]), state("w", [512, 512])];
  const graph = { outputs: { y: matmul(x, w) }, updates: [] };
  await engine.write(w, pattern(w.size));
  const other = await engine.compile({ outputs: { z: exp(input("z", [512, 512])) }, updates: [] });
  const first = await engine.compile(graph);
  const expected = await first.run({ x: pattern(512) });
  // The two share a workspace, all of which this fills.
  await other.run({ z: new Float32Array(w.size).fill(Number.NaN) });
  expect(await first.run({ x: pattern(512) })).toEqual(expected);
  first.close();
  const sizes = new Set<number>();
  for (let turn = 0; turn < 8; turn++) {
    const program = await engine.compile(graph);
    expect(await program.run({ x: pattern(512) })).toEqual(expected);
    program.close();
    sizes.add(engine.memoryBytes);
  }
  expect(sizes.size).toBe(1);
});

/** A case's graph with some of its numbers as states, beside the graph as it was: the same kernels, and nothing to prepare. */
interface Pair {
  readonly name: string;
  readonly plain: Graph;
  readonly held: Graph;
  readonly states: ReadonlyMap<string, Tensor>;
  readonly inputs: Record<string, Float32Array | Int32Array>;
}

function pairOf(one: (typeof cases)[number], draws: Draws): Pair {
  const { graph, inputs } = trialOf(one);
  const states = new Map<string, Tensor>();
  const names = Object.keys(graph.outputs);
  let roots = Object.values(graph.outputs);
  for (const [name, tensor] of analyse(graph).inputs) {
    if (tensor.dtype !== "float32" || draws.uniform() < 0.3) continue;
    const held = state(name, tensor.shape);
    states.set(name, held);
    roots = substitute(roots, tensor, held);
  }
  const outputs = Object.fromEntries(names.map((output, i) => [output, roots[i]!]));
  return {
    name: `${one.op}: ${one.title}`,
    plain: graph,
    held: { outputs, updates: [] },
    states,
    inputs: { ...inputs },
  };
}

test.each([
  [1, 0.4],
  [2, 0.1],
])(
  "conformance graphs with states for inputs, in mixed order, on %i threads",
  async (threads, share) => {
    const engine = await opened(threads);
    const draws = new Draws(`prepared ${threads}`);
    const pairs = cases.filter(() => draws.uniform() < share).map((one) => pairOf(one, draws));
    const bits = (outputs: Readonly<Record<string, Float32Array>>) =>
      Object.values(outputs).map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length));
    for (let from = 0; from < pairs.length; from += 20) {
      const group = await Promise.all(
        pairs.slice(from, from + 20).map(async (pair) => {
          for (const [name, held] of pair.states) await engine.write(held, pair.inputs[name] as Float32Array);
          // Two programs share the states; a third changes one of them.
          const [plain, held, again] = await Promise.all(
            [pair.plain, pair.held, pair.held].map((graph) => engine.compile(graph)),
          );
          const [changed] = pair.states.entries();
          const setter = changed && {
            name: changed[0],
            program: await engine.compile({
              outputs: {},
              updates: [{ state: changed[1], value: mul(input("value", changed[1].shape), 1) }],
            }),
          };
          return { ...pair, readers: [held!, again!], reference: plain!, setter };
        }),
      );
      for (let turn = 0; turn < 4 * group.length; turn++) {
        const { name, states, inputs, readers, reference, setter } = draws.pick(group);
        const scale = draws.pick([0.5, 1, 2]);
        const change = draws.below(3);
        if (change === 1 && states.size > 0) {
          const [which, held] = draws.pick([...states]);
          await engine.write(held, (inputs[which] = (inputs[which] as Float32Array).map((value) => value * scale)));
        } else if (change === 2 && setter) {
          const value = (inputs[setter.name] = (inputs[setter.name] as Float32Array).map((v) => v * scale));
          await setter.program.run({ value: value as Float32Array });
        }
        const given = Object.fromEntries(Object.entries(inputs).filter(([input]) => !states.has(input)));
        const got = await draws.pick(readers).run(given);
        expect(bits(got), name).toEqual(bits(await reference.run(inputs)));
      }
      for (const { readers, reference, setter } of group)
        for (const program of [...readers, reference, ...(setter ? [setter.program] : [])]) program.close();
      await Promise.all(group.map(({ states }) => engine.free(states.values())));
    }
  },
  120_000,
);
