import { describe, expect, test } from "vitest";
import { input, mul } from "../tensor/index.ts";
import { useSwiftShader, whyNoWebGpu } from "../../test/engines/swiftshader.ts";
import { engineNames, engines, startEngine } from "./engines.ts";

describe.each(engineNames)("engine %s of the table", (name) => {
  const missing = name === "webgpu" ? whyNoWebGpu : undefined;
  const title = "starts with the options that all have, goes by its name, and computes";
  test.skipIf(missing)(missing === undefined ? title : `${title} (skipped: ${missing})`, async () => {
    useSwiftShader();
    const engine = await startEngine(name, { threads: 1 });
    expect(engine.name).toBe(name);
    const program = await engine.compile({ outputs: { y: mul(input("x", [2]), 2) }, updates: [] });
    expect([...(await program.run({ x: Float32Array.of(3, 4) })).y!]).toEqual([6, 8]);
    await engine.close();
  });

  test("has one line about it", () => {
    expect(engines[name].summary).toMatch(/^[^\n]{20,100}$/);
  });
});

test("an unknown name is an error with the nearest one", async () => {
  const error = {
    code: "UNKNOWN_NAME",
    message: 'unknown engine "wsm"; did you mean wasm? Known: auto, wasm, webgpu, reference',
  };
  await expect(startEngine("wsm")).rejects.toMatchObject(error);
  await expect(startEngine("toString")).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
});
