/** @file Embeddings without labels, beside figures of PyTorch's in float64 (embed.golden.py). */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../engine/contract.ts";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import type { Model } from "../../models/index.ts";
import { flatten, initialise, linear, namedStates, norm, sequential } from "../../nn/index.ts";
import { torchRandom } from "../../random/index.ts";
import { add, gradients, input, type Tensor } from "../../tensor/index.ts";
import { recordBatch } from "../../train/batch.ts";
import { learner } from "../../train/index.ts";
import { objectiveNamed } from "../index.ts";
import { enqueued } from "./embed.ts";
import golden from "./embed.golden.json" with { type: "json" };

/** Images of five numbers, a vector of so many, two classes. */
function vectors(name: string, size: number): Model {
  const module = sequential({ flatten: flatten(), vector: linear(5, size), classifier: linear(size, 2) });
  const features = [{ output: "vector", preActivation: "vector" }];
  return { name, module, inputShape: [5, 1, 1], classes: 2, features };
}

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  "reference, float64": async () => referenceEngine({ precision: "float64" }),
  "wasm, 2 threads": () => wasmEngine({ threads: 2 }),
};

describe.each(Object.entries(engines))("%s", (_, open) => {
  test("losses, gradients and the queue are PyTorch's, batch after batch", async () => {
    const engine = await open();
    const [student, teacher] = [vectors("student", 3), vectors("teacher", 6)];
    const subject = learner(student, objectiveNamed("embed", { queue: 7 }), teacher);
    const { head, queue } = subject.auxiliaries;
    const states = (module: Model["module"]) => namedStates(module);
    for (const module of [student.module, teacher.module, head!.module, queue!.module])
      for (const [tensor, values] of initialise(module, torchRandom(1))) await engine.write(tensor, values);
    const given = new Map<Tensor, readonly number[]>([
      ...(["weight", "bias"] as const).flatMap((part): [Tensor, readonly number[]][] => [
        [states(student.module).get(`vector.${part}`)!, golden.states[`student.${part}`]],
        [states(teacher.module).get(`vector.${part}`)!, golden.states[`teacher.${part}`]],
        [states(head!.module).get(part)!, golden.states[`head.${part}`]],
      ]),
      [states(queue!.module).get("rows")!, golden.queue],
    ]);
    for (const [tensor, values] of given) await engine.write(tensor, Float32Array.from(values));

    const { batch, updates } = recordBatch(subject, 4, {});
    const { cosine, similarity } = subject.objective.losses(batch);
    const trained = ["student", "head"].flatMap((of) =>
      ["weight", "bias"].map((part) =>
        of === "student" ? states(student.module).get(`vector.${part}`)! : states(head!.module).get(part)!,
      ),
    );
    const slopes = gradients(add(cosine!, similarity!), trained);
    const program = await engine.compile({
      outputs: { cosine: cosine!, similarity: similarity!, ...Object.fromEntries(slopes.entries()) },
      updates: Array.from(updates(), ([state, value]) => ({ state, value })),
    });
    const run = (i: number) => program.run({ images: Float32Array.from(golden.images[i]!) });
    const first = await run(0);
    const rows = await engine.read(states(queue!.module).get("rows")!);
    const second = await run(1);
    for (const [i, found] of [first, second].entries())
      for (const [name, value] of Object.entries(golden.losses[i]!)) expect(found[name]![0]! / value).toBeCloseTo(1, 5);
    for (const [i, expected] of golden.gradients.entries()) {
      const largest = Math.max(...expected.map(Math.abs));
      for (const [j, value] of expected.entries()) expect(first[i]![j]! / largest).toBeCloseTo(value / largest, 4);
    }
    for (const [i, value] of golden.left.entries()) expect(rows[i]).toBeCloseTo(value, 5);
    await engine.close();
  });

  test("a batch that is larger than the queue fills it with its last", async () => {
    const engine = await open();
    const [rows, vectors] = [input("rows", [2, 1]), input("vectors", [3, 1])];
    const program = await engine.compile({ outputs: { left: enqueued(rows, vectors) }, updates: [] });
    const { left } = await program.run({ vectors: Float32Array.of(3, 4, 5) });
    expect([...left!]).toEqual([4, 5]);
    await engine.close();
  });
});

test("labels have no part unless they are asked for, and the queue begins with directions of length 1", () => {
  const student = vectors("student", 3);
  const subject = learner(student, objectiveNamed("embed", { queue: 9 }), vectors("teacher", 6));
  expect(subject.objective.weights).toEqual({ cosine: 1, similarity: 1, ce: 0 });
  expect(objectiveNamed("embed", { ceWeight: 0.5 }).weights["ce"]).toBe(0.5);
  const [rows] = initialise(subject.auxiliaries["queue"]!.module, torchRandom(1)).values();
  for (let i = 0; i < 9; i++) expect(norm(rows!.subarray(6 * i, 6 * i + 6))).toBeCloseTo(1, 6);
});
