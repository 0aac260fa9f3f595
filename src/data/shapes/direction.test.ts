import { expect, it } from "vitest";
import { direction } from "./figures.ts";

it("is the cosine and sine of any number of turns", () => {
  for (let turns = -2; turns <= 2; turns += 1 / 64) {
    const { x, y } = direction(turns);
    expect(x).toBeCloseTo(Math.cos(2 * Math.PI * turns), 8);
    expect(y).toBeCloseTo(Math.sin(2 * Math.PI * turns), 8);
  }
});
