/** @file Eigenvalues and eigenvectors of small symmetric matrices. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";

/** matrix · vectors[i] = values[i] · vectors[i], the largest value first; vectors have length 1, their largest element above 0. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/** More than any matrix of numbers needs: each sweep squares what is left beside the diagonal. */
const MOST_SWEEPS = 60;

/**
 * Of a symmetric matrix [size, size], row-major, by Jacobi's rotations, each of which makes one pair of elements beside the diagonal 0.
 * Golub, Van Loan, "Matrix Computations", 2013, section 8.5. Throws NOT_FINITE for a matrix with NaN or infinities.
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  if (!matrix.every(Number.isFinite)) {
    throw new LimbeckError(
      "NOT_FINITE",
      "symmetricEigen: every element should be finite; see what the matrix is made of",
    );
  }
  const a = matrix.slice();
  const vectors = Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (_, k) => Number(i === k)),
  );
  const negligible = 1e-30 * a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS && besideDiagonal(a, size) > negligible; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, size, vectors, p, q);
  }
  const diagonal = (i: number): number => elementAt(a, i * (size + 1));
  const order = Array.from({ length: size }, (_, i) => i).toSorted((i, j) => diagonal(j) - diagonal(i));
  return {
    values: Float64Array.from(order, diagonal),
    vectors: order.map((i) => upright(elementAt(vectors, i))),
  };
}

/** Σ a[p, q]² over p < q. */
function besideDiagonal(a: Float64Array, size: number): number {
  let sum = 0;
  for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) sum += a[p * size + q]! ** 2;
  return sum;
}

/** Turns rows and columns p and q so that a[p, q] becomes 0, and the vectors with them. */
function rotate(a: Float64Array, size: number, vectors: readonly Float64Array[], p: number, q: number): void {
  const between = a[p * size + q]!;
  if (between === 0) return;
  const theta = (a[q * (size + 1)]! - a[p * (size + 1)]!) / (2 * between);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const turn = (x: Float64Array, i: number, y: Float64Array, j: number): void => {
    const [before, other] = [x[i]!, y[j]!];
    x[i] = cosine * before - sine * other;
    y[j] = sine * before + cosine * other;
  };
  for (let k = 0; k < size; k++) turn(a, k * size + p, a, k * size + q);
  for (let k = 0; k < size; k++) turn(a, p * size + k, a, q * size + k);
  const [first, second] = [elementAt(vectors, p), elementAt(vectors, q)];
  for (let k = 0; k < size; k++) turn(first, k, second, k);
}

/** NOTE: of an eigenvector and its negative, always the same one. */
function upright(vector: Float64Array): Float64Array {
  const largest = vector.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
  return largest < 0 ? vector.map((x) => -x) : vector;
}
