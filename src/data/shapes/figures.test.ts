import { describe, expect, it } from "vitest";
import { figures } from "./figures.ts";
import { Stream } from "../stream.ts";

/** A figure's share of the square from -1.2 to 1.2, and whether it stays within the one from -1 to 1. */
function survey(name: keyof typeof figures, seed: number): { share: number; within: boolean } {
  const inside = figures[name](new Stream(seed, 0, 0));
  let hits = 0;
  let within = true;
  for (let i = 0; i < 120 * 120; i++) {
    const x = ((i % 120) + 0.5) / 50 - 1.2;
    const y = (Math.floor(i / 120) + 0.5) / 50 - 1.2;
    if (!inside({ x, y })) continue;
    hits++;
    within &&= Math.max(Math.abs(x), Math.abs(y)) <= 1;
  }
  return { share: (hits / 120 ** 2) * 2.4 ** 2, within };
}

describe.each(Object.keys(figures) as (keyof typeof figures)[])("%s", (name) => {
  it("stays within its square and fills a fair part of it, whatever its proportions", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { share, within } = survey(name, seed);
      expect(within).toBe(true);
      expect(share).toBeGreaterThan(0.5);
      expect(share).toBeLessThan(3.2);
    }
  });
});

it("has the areas of plane geometry where proportions are fixed", () => {
  expect(survey("disc", 0).share).toBeCloseTo(Math.PI, 1);
  expect(survey("triangle", 0).share).toBeCloseTo((3 * Math.sqrt(3)) / 4, 1);
  expect(survey("square", 0).share).toBeCloseTo((2 * 0.84) ** 2, 1);
  expect(survey("star", 0).share).toBeCloseTo(1.1226, 1); // (10 sin 36° · sin 18° / sin 126°) / 2
});
