/** @file The Euclidean norm, to the digits that PyTorch prints. */

/**
 * √Σ v², summed as `torch.norm` sums float32 values: eight partial sums, added up at the end (PyTorch 1.13, AVX2,
 * one thread). "Prints the same number" is a test of initial values only if the sum is rounded the same way.
 */
export function norm(values: Float32Array): number {
  const lanes = new Float32Array(8);
  const whole = values.length - (values.length % 8);
  for (let i = 0; i < whole; i++) lanes[i % 8]! += values[i]! * values[i]!;
  let sum = lanes.reduce((total, lane) => Math.fround(total + lane));
  for (let i = whole; i < values.length; i++) {
    // NOTE: of what is left over, the compiler took four squares at once and rounded them; the others it did not.
    const fourAtOnce = i < whole + 4 && values.length >= whole + 4;
    const square = values[i]! * values[i]!;
    sum = Math.fround(sum + (fourAtOnce ? Math.fround(square) : square));
  }
  return Math.fround(Math.sqrt(sum));
}
