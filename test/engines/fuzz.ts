/** @file An engine against random graphs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";
import { compareGraph } from "./compare-graph.ts";
import type { Factory } from "./opener.ts";
import { randomGraph } from "./random-graph.ts";

/** Runs 150 random graphs, or one in `oneIn` of them, 300 with LIMBECK_LONG=1: values, gradients and states; a failure's name is the seed that makes it again. */
export function fuzz(factory: Factory, tolerance: number, oneIn = 1): void {
  const count = process.env["LIMBECK_LONG"] === "1" ? 300 : Math.ceil(150 / oneIn);
  describe("random graphs", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await factory();
    });
    afterAll(() => engine.close());

    test.each(Array.from({ length: count }, (_, i) => `graph ${i}`))("%s", async (seed) => {
      expect(await compareGraph(engine, randomGraph(seed), tolerance)).toEqual([]);
    });
  });
}
