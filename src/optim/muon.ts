/** @file Muon: momentum whose direction is made orthogonal, for filters and chosen matrices; everything else goes by another optimiser. */
import { elementAt } from "../elements.ts";
import * as z from "zod/mini";
import { LimbeckError } from "../errors.ts";
import { parseWith } from "../parse-with.ts";
import { add, div, matmul, mul, reshape, sqrt, square, sub, sum, type Tensor, type Update } from "../tensor/index.ts";
import { adamW } from "./adam.ts";
import { divide, joined } from "./groups.ts";
import {
  amount,
  largestAt,
  option,
  rate,
  scheduled,
  scheduledInput,
  slotsFor,
  valueAt,
  type AttachedOptimiser,
  type Optimiser,
} from "./optimiser.ts";
import { fits } from "./patterns.ts";
import { sgd } from "./sgd.ts";

const others = { adamw: adamW, sgd } as const;

/** Options of Muon, with the defaults of KellerJordan/Muon; `filterScale` is our own. */
export const muonOptions = z.strictObject({
  learningRate: option(scheduled(rate), 0.02, "size of a step"),
  momentum: option(
    scheduled(z.number().check(z.gte(0), z.lt(1))),
    0.95,
    "how much of the running mean of g a step keeps",
  ),
  nesterov: option(z.boolean(), true, "whether to look ahead along the direction"),
  filterScale: option(
    z.enum(["matrix", "window"]),
    "matrix",
    "what a filter's step is scaled by: √max(1, filters / (channels·height·width)), or √max(1, height / width) as the published code has it",
  ),
  steps: option(z.int().check(z.gte(1), z.lte(20)), 5, "Newton-Schulz steps that make the direction orthogonal"),
  matrices: option(
    z.array(z.string().check(z.minLength(1))),
    [],
    "names of linear layers' weights that go as filters do, * for any characters: hidden layers', not the classifier's",
  ),
  weightDecay: option(
    amount,
    0,
    "of filters, times the rate, what a step takes off them; of the rest as its optimiser has it",
  ),
  others: option(z.enum(["adamw", "sgd"]), "adamw", "the optimiser of everything that is no filter"),
  othersFactor: option(amount, 0.015, "times the learning rate, that of everything that is no filter"),
  othersOptions: option(
    z.record(z.string(), z.unknown()),
    {},
    "options of that optimiser, but for its learning rate and weight decay",
  ),
});

export type MuonOptions = z.input<typeof muonOptions>;

/**
 * Muon. With a filter's gradient g and the direction d as matrices [filters, channels·height·width], and O the Newton-Schulz iteration, which
 * brings all singular values near 1:
 *
 *     m ← momentum·m + (1 - momentum)·g          d = m, or (1 - momentum)·g + momentum·m with nesterov
 *     p ← p·(1 - rate·weightDecay) - rate·√max(1, rows / columns)·O(d)
 *
 * Filters are the parameters of four axes, and those of two whose names fit one of `matrices`, as they are; the others go by `others` with `othersFactor` times the rate.
 *
 * NOTE: two things differ from the published code. O is in float32 in place of bfloat16. And that code takes rows and columns of the scale from the filter as it
 * stands, its window's height and width, so that a square window's scale is 1: `filterScale: "window"` does the same. For matrices both are equal.
 *
 * Throws ARGUMENT for wrong options.
 *
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024, https://kellerjordan.github.io/posts/muon/
 */
export function muon(options: MuonOptions = {}): Optimiser {
  const parsed = parseWith(muonOptions, options, "ARGUMENT", "muon");
  const { learningRate, matrices, othersFactor, othersOptions, weightDecay } = parsed;
  for (const key of ["learningRate", "weightDecay"]) {
    if (!Object.hasOwn(othersOptions, key)) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `muon: othersOptions should leave ${key} out; give othersFactor, or weightDecay for all`,
    );
  }
  const other = others[parsed.others]({
    ...othersOptions,
    learningRate: (step: number) => othersFactor * valueAt(learningRate, step),
    weightDecay,
  });
  const isFilter = (name: string, { shape }: Tensor): boolean =>
    shape.length === 4 || (shape.length === 2 && matrices.some((pattern) => fits(pattern, name)));
  return {
    name: "muon",
    options: parsed,
    patterns: matrices,
    withConstantRate(steps) {
      const step = largestAt(learningRate, steps);
      const momentum = valueAt(parsed.momentum, step);
      return muon({ ...parsed, learningRate: valueAt(learningRate, step), momentum });
    },
    attach: (parameters, as = "muon") =>
      joined(
        divide(parameters, (name, tensor) => ({ isFilter: isFilter(name, tensor) })).map(({ settings, members }) => {
          const own = new Map(members.map(({ name, parameter }) => [name, parameter]));
          return {
            positions: members.map(({ position }) => position),
            attached: settings.isFilter ? attach(own, as, parsed) : other.attach(own, `${as} others`),
          };
        }),
      ),
  };
}

function attach(
  parameters: ReadonlyMap<string, { readonly tensor: Tensor }>,
  as: string,
  { learningRate, momentum, nesterov, filterScale, steps, weightDecay }: z.output<typeof muonOptions>,
): AttachedOptimiser {
  const { named, each } = slotsFor(parameters, ["momentum_buffer"]);
  const rateInput = scheduledInput(`${as} learning rate`, (step) => valueAt(learningRate, step));
  const keep = scheduledInput(`${as} keep`, (step) => 1 - valueAt(learningRate, step) * weightDecay);
  const old = scheduledInput(`${as} momentum`, (step) => valueAt(momentum, step));
  const fresh = scheduledInput(`${as} 1 - momentum`, (step) => 1 - valueAt(momentum, step));
  const running = (mean: Tensor, g: Tensor): Tensor => add(mul(mean, old.symbol), mul(g, fresh.symbol));
  return {
    slots: named,
    updates: (gradients) =>
      each.flatMap(({ parameter: p, slots: { momentum_buffer: mean } }, i): Update[] => {
        const g = gradients[i];
        if (!g) return [];
        const m = running(mean, g);
        const direction = nesterov ? running(m, g) : m;
        const [rows, columns] = [elementAt(p.shape, 0), p.size / elementAt(p.shape, 0)];
        const sides = filterScale === "matrix" ? [rows, columns] : p.shape;
        const scale = Math.sqrt(Math.max(1, elementAt(sides, -2) / elementAt(sides, -1)));
        const step = mul(
          reshape(orthogonal(reshape(direction, [rows, columns]), steps), p.shape),
          mul(rateInput.symbol, scale),
        );
        return [
          { state: mean, value: m },
          { state: p, value: sub(weightDecay === 0 ? p : mul(p, keep.symbol), step) },
        ];
      }),
    scalars: [rateInput, ...(weightDecay === 0 ? [] : [keep]), old, fresh],
  };
}

/** Of the quintic a·x + b·x³ + c·x⁵: the steepest at 0 that keeps singular values near 1. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/**
 * A matrix [M, N] with the singular vectors of this one, and singular values that come near 1, between about 0.7 and 1.2: X ← aX + (bS + cS²)X,
 * where S = XXᵀ, from X / |X| on.
 */
export function orthogonal(matrix: Tensor, steps: number): Tensor {
  const isTall = elementAt(matrix.shape, 0) > elementAt(matrix.shape, 1);
  let x = div(matrix, add(sqrt(sum(square(matrix))), 1e-7));
  for (let step = 0; step < steps; step++) {
    // The smaller of both products: of a tall matrix, what its transpose would come to.
    const s = isTall ? matmul(x, x, { transposeA: true }) : matmul(x, x, { transposeB: true });
    const polynomial = add(mul(s, B), mul(matmul(s, s), C));
    x = add(mul(x, A), isTall ? matmul(x, polynomial) : matmul(polynomial, x));
  }
  return x;
}
