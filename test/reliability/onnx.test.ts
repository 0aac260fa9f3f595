import { expect, test } from "vitest";
import { onnxFiles } from "../../bench/reliability/onnx.ts";
import { onnxValues } from "../../bench/reliability/onnx-values.ts";

// The long form: npm run reliability -- onnx
test("two thousand ONNX files, damaged and odd: a network, or a coded error", async () => {
  expect(await onnxFiles({ count: 2000, seed: 1 })).toEqual({ tried: 2000, faults: [] });
}, 60_000);

// The long form: npm run reliability -- onnx-values
test("odd graphs that can be imported give what ONNX Runtime gives", async () => {
  expect(await onnxValues({ count: 400, seed: 1 })).toEqual({ tried: 400, faults: [] });
}, 60_000);
