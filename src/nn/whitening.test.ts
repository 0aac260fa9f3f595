import { expect, test } from "vitest";
import { torchRandom } from "../random/index.ts";
import {
  conv2d,
  fitted,
  initialise,
  namedBuffers,
  namedParameters,
  namedStates,
  sequential,
  type TrainingImages,
} from "./index.ts";
import { symmetricEigen } from "./eigen.ts";
import { whiteningConv2d, whiteningFilters } from "./whitening.ts";

/** Two images, the second around 1. */
function pair(): TrainingImages {
  const random = torchRandom(3);
  return imagesOf([random.normal(3072, 0, 1), random.normal(3072, 1, 2)]);
}

function imagesOf(all: readonly Float32Array[], shape: readonly number[] = [3, 32, 32]): TrainingImages {
  return { count: all.length, shape, image: (i) => all[i]! };
}

test("patches through the filters have the second moment λ / (λ + 0.0005) along each, and none between them", () => {
  const size = 12;
  const filters = whiteningFilters(pair(), 2);
  const answers = new Float64Array(size * size);
  let count = 0;
  for (const image of [pair().image(0), pair().image(1)]) {
    for (let y = 0; y < 31; y++) {
      for (let x = 0; x < 31; x++) {
        const patch = [0, 1, 2].flatMap((c) => [0, 1, 32, 33].map((at) => image[c * 1024 + y * 32 + x + at]!));
        const along = Array.from({ length: size }, (_, i) =>
          patch.reduce((sum, p, k) => sum + p * filters[i * size + k]!, 0),
        );
        for (const [i, a] of along.entries()) for (const [k, b] of along.entries()) answers[i * size + k]! += a * b;
        count++;
      }
    }
  }
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) expect(answers[i * size + k]! / count).toBeCloseTo(i === k ? 1 : 0, 3);
});

test("the second half of the filters is the first with the other sign, the largest direction first", () => {
  const filters = whiteningFilters(pair(), 2);
  expect([...filters.subarray(144)]).toEqual(Array.from(filters.subarray(0, 144), (x) => -x));
  const lengths = Array.from({ length: 12 }, (_, i) => Math.hypot(...filters.subarray(12 * i, 12 * i + 12)));
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
});

test("of many images 5000 are taken, evenly spread", () => {
  const asked: number[] = [];
  const one = new Float32Array(4).fill(1);
  whiteningFilters({ count: 15_000, shape: [1, 2, 2], image: (i) => (asked.push(i), one) }, 2);
  expect([asked.length, asked[1], asked.at(-1)]).toEqual([5000, 3, 14_997]);
});

test("its weight is a buffer that images fill, its bias is trained from zeros", () => {
  const network = sequential([whiteningConv2d(3, 2), conv2d(24, 4, 3)]);
  expect([...namedParameters(network).keys()]).toEqual(["0.bias", "1.weight", "1.bias"]);
  expect([...namedBuffers(network).keys()]).toEqual(["0.weight"]);
  const weight = namedStates(network).get("0.weight")!;
  const bias = namedStates(network).get("0.bias")!;
  const first = initialise(network, torchRandom(1));
  expect([...first.get(bias)!]).toEqual(Array(24).fill(0));
  const found = fitted(network, pair());
  expect([...found.keys()]).toEqual([weight]);
  expect(found.get(weight)).toEqual(whiteningFilters(pair(), 2));
  expect(found.get(weight)).not.toEqual(first.get(weight));
});

test("refuses to whiten without images, and images smaller than a patch", () => {
  expect(() => whiteningFilters(imagesOf([]), 2)).toThrow(/there should be images/);
  expect(() => whiteningFilters({ ...pair(), shape: [3, 1, 32] }, 2)).toThrow(/at least 2x2, got \[3, 1, 32\]/);
  expect(() => whiteningFilters(imagesOf([new Float32Array(3072).fill(NaN)]), 2)).toThrow(/finite/);
});

test.each([1, 2, 5, 12, 27])(
  "eigenvectors of random symmetric matrices of size %i are such, upright and at right angles",
  (size) => {
    const random = torchRandom(size);
    const drawn = random.normal(size * size, 0, 1);
    const matrix = Float64Array.from(drawn, (x, at) => x + drawn[(at % size) * size + Math.floor(at / size)]!);
    const { values, vectors } = symmetricEigen(matrix, size);
    expect([...values]).toEqual([...values].toSorted((a, b) => b - a));
    for (const [i, vector] of vectors.entries()) {
      for (let row = 0; row < size; row++) {
        const product = vector.reduce((sum, x, k) => sum + x * matrix[row * size + k]!, 0);
        expect(product).toBeCloseTo(values[i]! * vector[row]!, 10);
      }
      for (const [k, other] of vectors.entries())
        expect(vector.reduce((sum, x, at) => sum + x * other[at]!, 0)).toBeCloseTo(i === k ? 1 : 0, 10);
    }
  },
);

test("eigenvalues that are equal, and none above 0, are found too", () => {
  expect([...symmetricEigen(Float64Array.of(2, 0, 0, 2), 2).values]).toEqual([2, 2]);
  expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
});

test("dirac: the leading filters pass their inputs on, the others are drawn as always", () => {
  const [plain, dirac] = [conv2d(2, 5, 3, { bias: false }), conv2d(2, 5, 3, { bias: false, dirac: true })].map(
    (layer) => [...initialise(layer, torchRandom(4)).values()][0]!,
  );
  const one = Array.from({ length: 36 }, (_, i) => (i === 4 || i === 18 + 9 + 4 ? 1 : 0));
  expect([...dirac!.subarray(0, 36)]).toEqual(one);
  expect([...dirac!.subarray(36)]).toEqual([...plain!.subarray(36)]);
  expect(() => conv2d(4, 4, 3, { groups: 2, dirac: true })).toThrow(/dirac is for one group/);
});
