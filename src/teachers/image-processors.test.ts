import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromInterleaved, type Picture } from "../images/picture.ts";
import { readDescription } from "./described.ts";
import { completePreprocessing, normalised, teacherView } from "./preprocessing.ts";
import golden from "./image-processors.golden.json" with { type: "json" };

/** Noise as image-processors.golden.py makes it. */
function noise([width, height]: readonly number[], seed: number): Picture {
  let state = seed;
  const samples = Uint8Array.from({ length: 3 * width! * height! }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return fromInterleaved(samples, { channels: 3, width: width!, height: height!, stride: 3 });
}

describe("pictures reach a network as by torchvision's transforms:", () => {
  test.each(golden.cases)("$name", ({ file, pictures }) => {
    const { preprocessing } = readDescription(JSON.stringify(file), "preprocessor_config.json");
    const complete = completePreprocessing([preprocessing], "model.onnx");
    expect(pictures.length).toBe(3);
    for (const [seed, { size, shape, sha256, numbers }] of pictures.entries()) {
      expect(complete.inputShape).toEqual(shape);
      const { pixels } = teacherView(noise(size, seed), complete);
      expect(createHash("sha256").update(pixels).digest("hex").slice(0, 32)).toBe(sha256);
      const found = normalised(pixels, 1, complete);
      for (const [i, expected] of numbers.entries()) {
        const at = Math.floor((i * (found.length - 1)) / (numbers.length - 1));
        expect(Math.abs(found[at]! - expected)).toBeLessThan(2e-6);
      }
    }
  });
});

test("a type that is not known gives nothing, and the reason is in the message", () => {
  const file = {
    image_processor_type: "BarnImageProcessor",
    do_resize: true,
    size: 8,
    resample: 2,
    image_mean: [0, 0, 0],
  };
  const { preprocessing, unread = "" } = readDescription(JSON.stringify(file), "barn/preprocessor_config.json");
  expect(() => completePreprocessing([preprocessing], "model.onnx", [unread])).toThrow(
    /not known, inputShape, .* missing: barn\/preprocessor_config\.json is of the type BarnImageProcessor, which is not known; known are ViT, .*; say,/,
  );
});

test("a factor and an offset that versions of transformers read differently are refused", () => {
  const file = {
    image_processor_type: "EfficientNetImageProcessor",
    do_resize: true,
    rescale_offset: true,
    rescale_factor: 1 / 255,
  };
  expect(() => readDescription(JSON.stringify(file), "here")).toThrow(
    /here: with rescale_offset, rescale_factor should be 1 \/ 127\.5/,
  );
});
