import { expect, test } from "vitest";
import { toFloat16 } from "./float16.ts";

/** What a float16's bits stand for, by the standard's formula. */
function numberOf(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}

test("every float16 is its own nearest", () => {
  const halves = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((half) => ((half >> 10) & 31) < 31);
  expect(toFloat16(Float32Array.from(halves, numberOf))).toEqual(halves);
});

test("between two, the nearest is taken, and of two equally near ones the even one", () => {
  for (let half = 0; half < 0x7bff; half += 7) {
    const [low, high] = [numberOf(half), numberOf(half + 1)];
    const middle = (low + high) / 2;
    const step = (high - low) / 64;
    const found = toFloat16(Float32Array.of(middle - step, middle, middle + step, -middle));
    const even = half % 2 === 0 ? half : half + 1;
    expect([...found]).toEqual([half, even, half + 1, even | 0x8000]);
  }
});

test.each([65_520, -70_000, Infinity, Number.NaN])("%d has none", (value) => {
  expect(() => toFloat16(Float32Array.of(1, value))).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  expect(toFloat16(Float32Array.of(65_519))).toEqual(Uint16Array.of(0x7bff));
});
