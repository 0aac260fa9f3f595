/** @file Methods that train networks beside the student, beside PyTorch's figures (networks.golden.py), on each engine. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { namedParameters, Pass, record, type Module } from "../nn/index.ts";
import { add, gradients, input, linear, state, type Tensor } from "../tensor/index.ts";
import { fitnet } from "./fitnet.ts";
import { erfc } from "./losses/normal.ts";
import type { Batch, Method, Setting } from "./method.ts";
import golden from "./networks.golden.json" with { type: "json" };
import type { Observed, TeacherWeights } from "./observed.ts";
import { marginOf } from "./ofd.ts";
import { reviewkd } from "./reviewkd.ts";
import { simkd } from "./simkd.ts";
import { srrl } from "./srrl.ts";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Named = Readonly<Record<string, Values>>;
interface Case {
  readonly method: string;
  readonly features: Named;
  readonly targets: Named;
  readonly states: Named;
  readonly losses: Readonly<Record<string, number>>;
  readonly gradients: Named;
}

const methods = { fitnet, reviewkd, simkd, srrl } as Readonly<Record<string, Method<unknown>>>;
/** Other than the defaults. */
const options: Readonly<Record<string, object>> = { fitnet: { hintStage: 1 } };
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

/** The case's losses and gradients, computed and expected, under one set of names. */
async function evaluate(engine: Engine, { method: name, features, targets, states, losses, gradients: slopes }: Case) {
  const method = methods[name]!;
  const settled = method.options.parse(options[name] ?? {});
  const placeholders = (named: Named, prefix: string) =>
    Object.fromEntries(Object.entries(named).map(([name, { shape }]) => [name, input(`${prefix} ${name}`, shape)]));
  const [x, wanted] = [placeholders(features, "feature"), placeholders(targets, "target")];
  const teacher = teacherWeights(states);
  const given = { student: observed(x), targets: wanted, teacher, module: lastMap } as unknown as Setting;
  const made = method.student?.(given, settled);
  const pass = made ? record(made.module, x["map"]!, { training: true }) : new Pass(true);
  const extras = method.extras?.(given, settled) ?? {};
  const trained = new Map(made && namedParameters(made.module));
  for (const [extra, { module }] of Object.entries(extras))
    for (const [path, parameter] of namedParameters(module)) trained.set(`${extra}.${path}`, parameter);
  const terms = method.losses(
    {
      ...given,
      student: made
        ? { logits: pass.outputs.get("")!, feature: (path: string) => pass.outputs.get(path)! }
        : given.student,
      labels: input("labels", [4], "int32"),
      extra: (name: string, x: Tensor) => pass.run(name, extras[name]!.module, x),
    } as unknown as Batch,
    settled,
  );
  const computed = Object.keys(losses).map((name) => [`loss ${name}`, terms[name]!] as const);
  const total = computed.map(([, term]) => term).reduce((sum, term) => add(sum, term));
  const by = Object.keys(slopes).map((name) => x[name] ?? trained.get(name)!.tensor);
  const slope = gradients(total, by);
  const outputs = Object.fromEntries([
    ...computed,
    ...Object.keys(slopes).map((name, i) => [name, slope[i]!] as const),
  ]);
  for (const [path, { tensor }] of trained) await engine.write(tensor, Float32Array.from(states[path]!.data));
  for (const [path, tensor] of teacher.given) await engine.write(tensor, Float32Array.from(states[path]!.data));
  const program = await engine.compile({ outputs, updates: [] });
  const fed = [...entries(features, "feature"), ...entries(targets, "target")];
  const values = await program.run({
    ...Object.fromEntries(fed.map(([name, { data }]) => [name, Float32Array.from(data)])),
    ...("ce" in losses && { labels }),
  });
  await engine.close();
  const figures = Object.entries(losses).map(
    ([name, value]) => [`loss ${name}`, { shape: [], data: [value] }] as const,
  );
  return { outputs: values, expected: { ...Object.fromEntries(figures), ...slopes } };
}

function entries(named: Named, prefix: string): [string, Values][] {
  return Object.entries(named).map(([name, values]) => [`${prefix} ${name}`, values]);
}

/** A network whose stages are these inputs, after one that no method looks at. */
function observed(x: Readonly<Record<string, Tensor>>): Observed {
  const { embedding, ...maps } = x;
  const first = input("first stage", [1, 1, 1, 1]);
  return {
    logits: input("logits", [4, 3]),
    feature: (path) => x[path]!,
    stages: [first, ...Object.values(maps)].map((output) => ({
      output,
      preActivation: output,
      paths: { output: "map", preActivation: "map" },
    })),
    embedding: embedding!,
  };
}

/** A student that is its last map. */
const lastMap: Module = { forward: (x, pass) => pass.note("map", x) };

/** A teacher that is its classifier. */
function teacherWeights(states: Named): TeacherWeights & { readonly given: ReadonlyMap<string, Tensor> } {
  const given = new Map(
    ["classifier.weight", "classifier.bias"].flatMap((path) =>
      states[path] ? [[path, state(path, states[path].shape)]] : [],
    ),
  );
  const run = (x: Tensor) => linear(x, given.get("classifier.weight")!, given.get("classifier.bias"));
  return {
    given,
    classifier: "classifier",
    run: (_, x) => run(x),
    state: (path) => given.get(path)!,
    frozen: () => ({ forward: run }),
  };
}
