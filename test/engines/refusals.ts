/** @file What engines must refuse, with which code and words, and that they go on afterwards; and what closing means. */
import { describe, expect, test } from "vitest";
import { add, exp, input, gather, state, type Tensor } from "../../src/tensor/index.ts";
import { apply } from "../../src/tensor/tensor.ts";
import { opener, type Factory } from "./opener.ts";

export function refusals(factory: Factory): void {
  const open = opener(factory);

  describe("errors", () => {
    const labelled = (): { outputs: Record<string, Tensor>; updates: [] } => ({
      outputs: { gathered: gather(input("images", [2, 3]), input("labels", [2], "int32")) },
      updates: [],
    });
    const images = new Float32Array(6);
    const labels = new Int32Array(2);

    test.each([
      ["a missing input", { images }, /labels should be an Int32Array of 2 values.*got nothing/],
      [
        "an unknown input, with the nearest name",
        { images, labels, image: images },
        /no input image; did you mean images\?/,
      ],
      [
        "an unknown input, with the names there are",
        { images, labels, mask: images },
        /no input mask; it has (images, labels|labels, images)/,
      ],
      ["a plain array", { images: [1, 2, 3, 4, 5, 6], labels }, /images.*got a plain array/],
      ["no array", { images, labels: 3 }, /labels.*got number/],
      ["bytes", { images, labels: new Uint8Array(2) }, /labels.*got Uint8Array of 2/],
      ["an array of the wrong length", { images: new Float32Array(5), labels }, /images.*\[2, 3\].*Float32Array of 5/],
      [
        "an array of the wrong type",
        { images, labels: new Float32Array(2) },
        /labels should be an Int32Array.*Float32Array of 2/,
      ],
    ])("ARGUMENT for %s", async (_what, inputs, message) => {
      const program = await (await open()).compile(labelled());
      await expect(program.run(inputs as unknown as Record<string, Float32Array>)).rejects.toMatchObject({
        code: "ARGUMENT",
        message: expect.stringMatching(message),
      });
      expect([...(await program.run({ images, labels })).gathered!]).toEqual([0, 0]);
    });

    test("ARGUMENT for any input where a graph has none", async () => {
      const program = await (await open()).compile({ outputs: { one: state("s", []) }, updates: [] });
      await expect(program.run({ x: images })).rejects.toMatchObject({
        code: "ARGUMENT",
        message: expect.stringContaining("no input x; it has none"),
      });
    });

    test("ARGUMENT for values that do not fill a state, which keeps what it had", async () => {
      const engine = await open();
      const s = state("velocity", [2]);
      await engine.write(s, Float32Array.of(1, 2));
      await expect(engine.write(s, new Float32Array(3))).rejects.toMatchObject({
        code: "ARGUMENT",
        message: expect.stringMatching(/velocity.*2 values.*\[2\].*of 3/),
      });
      expect([...(await engine.read(s))]).toEqual([1, 2]);
    });

    test("ARGUMENT for reading or writing what is no state", async () => {
      const engine = await open();
      const y = exp(input("x", [1]));
      await expect(engine.read(y)).rejects.toMatchObject({ code: "ARGUMENT", message: expect.stringContaining("exp") });
      await expect(engine.write(y, new Float32Array(1))).rejects.toMatchObject({ code: "ARGUMENT" });
    });

    test("UNSUPPORTED, at compile time, for an operation that is in no table, even under a known name", async () => {
      const engine = await open();
      for (const name of ["fourierTransform", "add"]) {
        const y = apply({ name, shape: () => [1] }, [input("x", [1])], {});
        await expect(engine.compile({ outputs: { y }, updates: [] })).rejects.toMatchObject({
          code: "UNSUPPORTED",
          message: expect.stringContaining(name),
        });
      }
    });

    test("ARGUMENT for a graph that contradicts itself", async () => {
      const engine = await open();
      const y = add(input("x", [1]), input("x", [1]));
      await expect(engine.compile({ outputs: { y }, updates: [] })).rejects.toMatchObject({ code: "ARGUMENT" });
    });
  });

  describe("closing", () => {
    test("an engine lets what was asked for finish, and refuses all else with ENGINE", async () => {
      const engine = await factory();
      const s = state("s", [1]);
      const program = await engine.compile({ outputs: { y: add(s, 1) }, updates: [] });
      const running = program.run();
      const closing = engine.close();
      expect([...(await running).y!]).toEqual([1]);
      await closing;
      const refused = { code: "ENGINE", name: "LimbeckError" };
      await expect(program.run()).rejects.toMatchObject(refused);
      await expect(engine.compile({ outputs: {}, updates: [] })).rejects.toMatchObject(refused);
      await expect(engine.read(s)).rejects.toMatchObject(refused);
      await expect(engine.write(s, new Float32Array(1))).rejects.toMatchObject(refused);
      await engine.close();
    });

    test("a program refuses its runs with ENGINE, and no other's", async () => {
      const engine = await open();
      const s = state("s", [1]);
      const graph = { outputs: { y: add(s, 1) }, updates: [] };
      const [closed, other] = [await engine.compile(graph), await engine.compile(graph)];
      closed.close();
      await expect(closed.run()).rejects.toMatchObject({ code: "ENGINE" });
      expect([...(await other.run()).y!]).toEqual([1]);
    });
  });
}
