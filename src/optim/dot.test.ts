import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { add, input, state, type Tensor } from "../tensor/index.ts";
import { clipped, scalarsAt, sgd } from "./index.ts";
import golden from "./dot.golden.json" with { type: "json" };

const names = ["both", "task", "teacher"] as const;
type Gradients = Readonly<Partial<Record<(typeof names)[number], readonly number[]>>>;

/** The parameters after each step, given the gradients of each loss. */
async function run(optimiser: ReturnType<typeof sgd>) {
  const engine = referenceEngine({ precision: "float64" });
  const parameters = new Map(names.map((name) => [name, { tensor: state(name, [4]) }]));
  const attached = optimiser.attach(parameters);
  const place = (kind: string, moved: readonly string[]): (Tensor | null)[] =>
    names.map((name) => (moved.includes(name) ? input(`${kind} ${name}`, [4]) : null));
  const perLoss = { task: place("task", ["both", "task"]), distillation: place("distillation", ["both", "teacher"]) };
  const whole = names.map((_, i) => {
    const [a, b] = [perLoss.task[i]!, perLoss.distillation[i]!];
    return a && b ? add(a, b) : (a ?? b)!;
  });
  for (const name of names) await engine.write(parameters.get(name)!.tensor, Float32Array.from(golden.initial[name]));
  const program = await engine.compile({ outputs: {}, updates: attached.updates(whole, perLoss) });
  const after: Record<string, number[]>[] = [];
  for (const [i, step] of golden.gradients.entries()) {
    const inputs = Object.entries(step).flatMap(([kind, values]) =>
      Object.entries(values as Gradients).map(([name, g]) => [`${kind} ${name}`, Float32Array.from(g)]),
    );
    await program.run({ ...Object.fromEntries(inputs), ...scalarsAt(attached, i + 1) });
    const values: Record<string, number[]> = {};
    for (const name of names) values[name] = [...(await engine.read(parameters.get(name)!.tensor))];
    after.push(values);
  }
  return after;
}

test("each gradient has its own momentum, as the paper's formula gives it", async () => {
  const after = await run(sgd(golden.options));
  for (const [i, expected] of golden.after.entries()) {
    for (const name of names) {
      for (const [k, value] of expected[name].entries()) {
        expect(Math.abs(after[i]![name]![k]! - value), `step ${i + 1} ${name}`).toBeLessThan(3e-7);
      }
    }
  }
});

test("clipping shortens both parts by the whole gradient's length", async () => {
  const wide = await run(clipped(sgd(golden.options), 1000));
  expect(wide).toEqual(await run(sgd(golden.options)));
  expect(await run(clipped(sgd(golden.options), 0.1))).not.toEqual(wide);
});

test("the gradients of each loss are needed", () => {
  const attached = sgd(golden.options).attach(new Map([["a", { tensor: state("a", [1]) }]]));
  expect(attached.needsPerLossGradients).toBe(true);
  expect(() => attached.updates([input("g", [1])])).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});
