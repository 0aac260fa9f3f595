/**
 * @file How much more Winograd's algorithm rounds than direct convolution does: `node bench/experiments/rounding.ts`.
 *
 * The root mean square distance from a float64 computation, in units of that of the engine's direct kernels, which keep long
 * sums in parts. These are made to do the same convolution by a window of 3×5 whose outer columns are zero, which adds nothing
 * and rounds nothing.
 */
import { referenceEngine } from "../../src/engine/reference/index.ts";
import type { Engine, Outputs } from "../../src/engine/contract.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { conv2d, gradients, input, mul, sum } from "../../src/tensor/index.ts";
import { table } from "../../src/cli/output.ts";
import { mean, standardDeviation } from "../../src/benchmark/index.ts";

const uses = ["forward", "input gradient", "weight gradient"] as const;
const images = 8;
const seeds = [1, 2, 3, 4, 5];
/** Channels in and out, height and width of the map: DeepNN's second and fourth convolution, residual stages from 16 channels on. */
const shapes = [
  [128, 64, 32],
  [64, 32, 16],
  [32, 32, 16],
  [16, 16, 32],
  [128, 128, 8],
] as const;

const [exact, fast] = [referenceEngine({ precision: "float64" }), await wasmEngine()];
const lines: string[][] = [];
for (const [channels, outputs, size] of shapes) {
  const ratios = uses.map((): number[] => []);
  for (const seed of seeds) {
    const random = torchRandom(seed);
    const draw = (shape: readonly number[], std: number): Float32Array =>
      random.normal(
        shape.reduce((a, b) => a * b),
        0,
        std,
      );
    const values = {
      x: draw([images, channels, size, size], 1),
      weight: draw([outputs, channels, 3, 3], 1 / Math.sqrt(9 * channels)),
      g: draw([images, outputs, size, size], 1),
    };
    const given = { channels, outputs, size };
    const right = await convolved(exact, values, given, 3);
    const winograd = await convolved(fast, values, given, 3);
    const direct = await convolved(fast, values, given, 5);
    for (const [i, use] of uses.entries()) {
      const error = (found: Outputs): number => distance(found[use]!, right[use]!);
      ratios[i]!.push(error(winograd) / error(direct));
    }
  }
  const figures = ratios.map((samples) => `${mean(samples).toFixed(2)} ± ${standardDeviation(samples)!.toFixed(2)}`);
  lines.push([`${channels} → ${outputs} channels, ${size}×${size}`, ...figures]);
}
await fast.close();
process.stdout.write(`${table(["3×3 convolution", ...uses], lines)}\n\nn = ${seeds.length} draws, ${images} images.\n`);

interface Values {
  readonly x: Float32Array;
  readonly weight: Float32Array;
  readonly g: Float32Array;
}

/** Forward and both gradients, by a window of 3 × `width`, zero outside the middle three columns. */
async function convolved(
  engine: Engine,
  { x, weight, g }: Values,
  { channels, outputs, size }: { readonly channels: number; readonly outputs: number; readonly size: number },
  width: 3 | 5,
): Promise<Outputs> {
  const nodes = {
    x: input("x", [images, channels, size, size]),
    weight: input("weight", [outputs, channels, 3, width]),
    g: input("g", [images, outputs, size, size]),
  };
  const edge = (width - 3) / 2;
  const y = conv2d(nodes.x, nodes.weight, undefined, { padding: [1, 1 + edge] });
  const [dx, dw] = gradients(sum(mul(y, nodes.g)), [nodes.x, nodes.weight]);
  const program = await engine.compile({
    outputs: { forward: y, "input gradient": dx!, "weight gradient": dw! },
    updates: [],
  });
  const window = new Float32Array((weight.length / 3) * width);
  for (const [i, value] of weight.entries()) window[Math.floor(i / 3) * width + edge + (i % 3)] = value;
  const found = await program.run({ x, g, weight: window });
  program.close();
  const middle = found["weight gradient"]!.filter((_, i) => i % width >= edge && i % width < edge + 3);
  return { ...found, "weight gradient": middle };
}

/** √(Σ (a - b)²) */
function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((total, value, i) => total + (value - b[i]!) ** 2, 0));
}
