import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { brightness, contrast, saturation } from "./colours.ts";
import { turnHue } from "./hue.ts";
import { fromInterleaved } from "./picture.ts";
import golden from "./jitter.golden.json" with { type: "json" };

const changes = { brightness, contrast, saturation, hue: turnHue };

let state = 5;
const samples = Uint8Array.from({ length: 64 * 64 * 3 }, () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state >>> 24;
});
const picture = fromInterleaved(samples, { channels: 3, width: 64, height: 64, stride: 3 });

test.each(golden.cases)("$change $number is torchvision's, on Pillow", ({ change, number, sha256 }) => {
  const { pixels } = changes[change as keyof typeof changes](picture, number);
  const interleaved = pixels.map((_, i) => pixels[(i % 3) * 4096 + Math.floor(i / 3)]!);
  expect(createHash("sha256").update(interleaved).digest("hex").slice(0, 32)).toBe(sha256);
});

test("a grey picture has no hue", () => {
  const grey = { channels: 1, width: 64, height: 192, pixels: samples };
  expect(turnHue(grey, 0.3)).toBe(grey);
});
