/** @file Methods with auxiliary modules, beside PyTorch's figures (networks.golden.py), on each engine. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../engine/contract.ts";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { namedParameters, Pass, record, type Module } from "../../nn/index.ts";
import { add, analyse, constant, gradients, input, linear, mean, state, type Tensor } from "../../tensor/index.ts";
import { ab } from "./ab.ts";
import { at } from "./at.ts";
import { catkd } from "./catkd.ts";
import { cc } from "./cc.ts";
import { ctkd } from "./ctkd.ts";
import { fitnet } from "./fitnet.ts";
import { fsp } from "./fsp.ts";
import { ft } from "./ft.ts";
import { ickd } from "./ickd.ts";
import { crossEntropy } from "../losses/basic.ts";
import { erfc, erfcPolynomial } from "../losses/elementwise.ts";
import type { AnyMethod, Batch, Losses, Setting } from "../method.ts";
import golden from "./networks.golden.json" with { type: "json" };
import type { Observed, Stage, TeacherWeights } from "../observed.ts";
import { nst } from "./nst.ts";
import { marginOf, ofd } from "./ofd.ts";
import { resolve } from "../resolve.ts";
import { reviewkd } from "./reviewkd.ts";
import { sdd } from "./sdd.ts";
import { simkd } from "./simkd.ts";
import { srd } from "./srd.ts";
import { srrl } from "./srrl.ts";
import { vid } from "./vid.ts";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Named = Readonly<Record<string, Values>>;
interface Case {
  readonly method: string;
  readonly student: Named;
  readonly teacher: Named;
  readonly states: Named;
  readonly losses: Readonly<Record<string, number>>;
  readonly gradients: Named;
  /** Beside the test's own. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly epoch?: number;
}

const methods = {
  ab,
  at,
  catkd,
  cc,
  ctkd,
  fitnet,
  fsp,
  ft,
  ickd,
  nst,
  ofd,
  reviewkd,
  sdd,
  simkd,
  srd,
  srrl,
  vid,
} as unknown as Readonly<Record<string, AnyMethod>>;
/** Other than the defaults. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ab: { boundaryWeight: 1 },
  cc: { dimensions: 6 },
  fitnet: { pairs: [{ teacher: "stage1", student: "stage1" }] },
  fsp: { flowWeight: 1, pairs: ["stage1", "stage2"].map((path) => ({ teacher: path, student: path })) },
};
const labels = Int32Array.of(0, 2, 1, 1);

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  "reference, float64": async () => referenceEngine({ precision: "float64" }),
  "wasm, 2 threads": () => wasmEngine({ threads: 2 }),
};

describe.each(Object.entries(engines))("%s", (_, open) => {
  test.each(golden.cases as unknown as Case[])("$method", async (given) => {
    const { outputs, expected } = await evaluate(await open(), given);
    // NOTE: a bias before a norm has no gradient but for rounding.
    const least = 0.01 * Math.max(...Object.values(given.gradients).flatMap(({ data }) => data.map(Math.abs)));
    for (const [name, { data }] of Object.entries(expected)) {
      const largest = Math.max(...data.map(Math.abs), name.startsWith("loss") ? 0 : least);
      const differences = data.map((value, i) => Math.abs(outputs[name]![i]! - value) / largest);
      expect(Math.max(...differences), name).toBeLessThan(name.startsWith("loss") ? 1e-5 : 1e-4);
    }
  });

  test("erfc and margins", async () => {
    const engine = await open();
    const column = <Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key) =>
      Float32Array.from(rows, (row) => row[key]);
    const [x, weight, bias] = [
      input("x", [golden.erfc.length]),
      input("weight", [golden.margins.length]),
      input("bias", [golden.margins.length]),
    ];
    const program = await engine.compile({ outputs: { erfc: erfc(x), margin: marginOf(weight, bias) }, updates: [] });
    const outputs = await program.run({
      x: column(golden.erfc, "x"),
      weight: column(golden.margins, "weight"),
      bias: column(golden.margins, "bias"),
    });
    await engine.close();
    for (const [i, { x, erfc }] of golden.erfc.entries())
      expect(Math.abs(outputs["erfc"]![i]! / erfc - 1), `erfc(${x})`).toBeLessThan(x > 3 ? 1e-5 : 1e-6);
    for (const [i, { margin, ...at }] of golden.margins.entries())
      expect(Math.abs(outputs["margin"]![i]! / margin - 1), JSON.stringify(at)).toBeLessThan(1e-5);
  });
});

test("erfc's polynomial is the one that was found", () => {
  expect(erfcPolynomial).toHaveLength(golden.erfcPolynomial.length);
  for (const [i, c] of golden.erfcPolynomial.entries()) expect(erfcPolynomial[i]).toBeCloseTo(c, 7);
});

/** The case's losses and gradients, computed and expected, under one set of names. */
async function evaluate(engine: Engine, given: Case) {
  const { method: name, student, teacher, states, losses, gradients: slopes } = given;
  const method = methods[name]!;
  const { values, labels: labelled } = resolve(method, { ...options[name], ...given.options });
  const [x, t] = [inputsOf(student, "student"), inputsOf(teacher, "teacher")];
  const weights = teacherWeights(states);
  const own = { ...observed(x), classify: (vectors: Tensor) => weights.run("ownClassifier", vectors) };
  const theirs = { ...observed(t), classify: (vectors: Tensor) => weights.run("classifier", vectors) };
  const pairs = method.pairs?.(own, theirs, values) ?? [];
  const targets = method.targets?.(theirs, values, weights, pairs) ?? {};
  const compared = pairs.map((pair) => {
    return { method: name, ...pair.student, targets: method.pairTargets?.(pair, values, weights) ?? {} };
  });
  const seen = { student: own, compared };
  const setting = { ...seen, targets, teacher: weights, module: lastMap } as unknown as Setting;
  const made = method.student?.(setting, values);
  const pass = made ? record(made.module, x["stage1"]!, { training: true }) : new Pass(true);
  const auxiliaries = method.auxiliaries?.(setting, values) ?? {};
  const trained = new Map<string, Tensor>();
  if (made) for (const [path, { tensor }] of namedParameters(made.module)) trained.set(path, tensor);
  for (const [auxiliary, { module }] of Object.entries(auxiliaries))
    for (const [path, { tensor }] of namedParameters(module)) trained.set(`${auxiliary}.${path}`, tensor);
  for (const [path, tensor] of weights.given) if (!trained.has(path)) trained.set(path, tensor);
  const classes = input("labels", [4], "int32");
  const batch = {
    ...setting,
    student: made ? observedIn(pass) : setting.student,
    labels: classes,
    labelsLoss: (logits: Tensor) => crossEntropy(logits, classes),
    auxiliary: (name: string, x: Tensor) => pass.run(name, auxiliaries[name]!.module, x),
    byEpoch: (_: string, at: (epoch: number) => number) => constant(at(given.epoch!)),
  } as unknown as Batch;
  const terms: Losses = { ...method.losses(batch, values), ce: labelled!.loss(batch) };
  const total = Object.keys(losses)
    .map((name) => terms[name]!)
    .reduce((sum, term) => add(sum, term));
  const slope = gradients(
    total,
    Object.keys(slopes).map((name) => x[name] ?? trained.get(name)!),
  );
  const outputs = Object.fromEntries([
    ...Object.keys(losses).map((name) => [`loss ${name}`, terms[name]!] as const),
    ...Object.keys(slopes).map((name, i) => [name, slope[i]!] as const),
  ]);
  for (const [path, { data }] of Object.entries(states))
    await engine.write(trained.get(path)!, Float32Array.from(data));
  const graph = { outputs, updates: [] };
  const program = await engine.compile(graph);
  const inputValues: [string, Float32Array | Int32Array][] = [["labels", labels]];
  for (const [network, named] of Object.entries({ student, teacher }))
    for (const [name, { data }] of Object.entries(named))
      inputValues.push([`${network} ${name}`, Float32Array.from(data)]);
  const { inputs } = analyse(graph);
  const computed = await program.run(Object.fromEntries(inputValues.filter(([name]) => inputs.has(name))));
  await engine.close();
  const figures = Object.entries(losses).map(([name, loss]) => [`loss ${name}`, { shape: [], data: [loss] }] as const);
  return { outputs: computed, expected: { ...Object.fromEntries(figures), ...slopes } };
}

function inputsOf(named: Named, network: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(named).map(([name, { shape }]) => [name, input(`${network} ${name}`, shape)]),
  );
}

/** A network whose stages are these inputs, after one that no method looks at. */
function observed({ embedding, logits, ...maps }: Readonly<Record<string, Tensor>>): Omit<Observed, "classify"> {
  const first = input("first stage", [1, 1, 1, 1]);
  const vector = embedding ?? mean(Object.values({ first, ...maps }).at(-1)!, { axes: [2, 3] });
  const stage = (name: string, output: Tensor): Stage => ({
    output,
    preActivation: output,
    paths: { output: name, preActivation: name, norm: `${name}.norm` },
  });
  const stages = Object.entries({ first, ...maps }).map(([name, output]) => stage(name, output));
  return {
    logits: logits ?? input("logits", [4, 3]),
    feature: (path) => maps[path]!,
    stage: (path) => stage(path, path === "embedding" ? vector : maps[path]!),
    stages,
    lastMap: stages.at(-1)!,
    embedding: vector,
    embeddingPath: "embedding",
  };
}

/** What a recorded network gives. */
function observedIn({ outputs }: Pass): Pick<Observed, "logits" | "feature"> {
  return { logits: outputs.get("")!, feature: (path) => outputs.get(path)! };
}

/** A student that is its last map. */
const lastMap: Module = { forward: (x, _, { note }) => note("stage1", x) };

/** A teacher that is its classifier, and norms; the student's own classifier beside it. */
function teacherWeights(states: Named): TeacherWeights & { readonly given: ReadonlyMap<string, Tensor> } {
  const given = new Map(Object.entries(states).map(([path, { shape }]) => [path, state(path, shape)]));
  const run = (path: string, x: Tensor) => linear(x, given.get(`${path}.weight`)!, given.get(`${path}.bias`));
  return {
    given,
    classifier: "classifier",
    run,
    state: (path) => given.get(path)!,
    frozen: (path) => ({ forward: (x) => run(path, x) }),
  };
}
