import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

test("a whole configuration comes from an empty one", () => {
  expect(parseConfig("tutorial", {})).toEqual({
    dataset: "shapes",
    batchSize: 128,
    engine: "wasm",
    epochs: 4,
    seed: 42,
    dropout: 0.1,
    learningRate: 1e-3,
  });
  expect(parseConfig("tutorial", { dataset: "cifar10" }).epochs).toBe(10);
});

test("a configuration read back is the same", () => {
  const config = parseConfig("distill", { teacher: "t.safetensors", options: { temperature: 4 }, limit: 5 });
  expect(parseConfig("distill", JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test("every problem is listed with its path", () => {
  const wrong = { epochs: 0, dropout: 1, seed: 1.5, limt: 3, engine: "gpu", batchSize: "128" };
  const parse = () => parseConfig("tutorial", wrong);
  expect(parse).toThrow(expect.objectContaining({ code: "CONFIG" }));
  for (const name of ["epochs", "dropout", "seed", "limt", "engine", "batchSize"]) expect(parse).toThrow(name);
});

test("what is no configuration at all is refused", () => {
  for (const value of [undefined, null, 3, "tutorial", []]) {
    expect(() => parseConfig("train", value)).toThrow(expect.objectContaining({ code: "CONFIG" }));
  }
});
