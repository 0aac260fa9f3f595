import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { input, state } from "../../tensor/index.ts";
import golden from "../ema.golden.json" with { type: "json" };
import { scalarsAt } from "../../optim/index.ts";
import { emaOf } from "./ema.ts";

const engines = { reference: async () => referenceEngine(), wasm: () => wasmEngine({ threads: 2 }) };
const names = ["weight", "bias", "running_mean", "running_var"] as const;

test.each(Object.entries(engines))("%s: PyTorch's averages after each step, buffers' too", async (_, open) => {
  const engine = await open();
  const states = new Map(names.map((name) => [name, state(name, [3])]));
  const averages = emaOf(states, golden.decay);
  const updates = [...states].map(([name, tensor]) => ({ state: tensor, value: input(`new ${name}`, [3]) }));
  const program = await engine.compile({ outputs: {}, updates: [...updates, ...averages.updates(updates)] });
  for (const [i, values] of golden.values.entries()) {
    const inputs = names.map((name) => [`new ${name}`, Float32Array.from(values[name])]);
    await program.run({ ...Object.fromEntries(inputs), ...scalarsAt(averages, i + 1) });
    for (const name of names) {
      const average = await engine.read(averages.states.get(`average ${name}`)!);
      for (const [k, expected] of golden.averages[i]![name].entries()) expect(average[k]).toBeCloseTo(expected, 6);
    }
  }
  await engine.close();
});

test("states that no step moves have no average", () => {
  const [moved, frozen] = [state("moved", [2]), state("frozen", [2])];
  const averages = emaOf(new Map(Object.entries({ moved, frozen })), 0.5);
  averages.updates([{ state: moved, value: input("new", [2]) }]);
  expect([...averages.states.keys()]).toEqual(["average moved"]);
});

test.each([0, 1, -0.5, Number.NaN])("a decay of %o is refused", (decay) => {
  expect(() => emaOf(new Map(), decay)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});
