/** @file A small random stream for drawing and varying pictures: integer arithmetic only, so the same bits everywhere. */

/**
 * Chris Doty-Humphrey's sfc32: 128 bits of state, started from up to three keys. Streams of different keys are
 * independent, so any image can be drawn without those before it. What training draws otherwise follows PyTorch's (src/random).
 */
export class Stream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(a: number, b: number, c: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    for (let round = 0; round < 15; round++) this.bits();
  }

  /** 32 random bits, 0 to 2³² - 1. */
  bits(): number {
    const mixed = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + mixed) | 0;
    return mixed >>> 0;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (this.bits() / 2 ** 32) * (to - from);
  }

  /** A whole number from 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.between(0, count));
  }

  /**
   * Adds to each value `deviation` times a draw that is about normal, mean 0, variance 1: the sum of the draw's four bytes
   * (variance (256² - 1) / 12 each), from -3.5 to 3.5.
   */
  blur(values: Float64Array, deviation: number): void {
    let [a, b, c, counter] = [this.#a, this.#b, this.#c, this.#counter];
    for (let i = 0; i < values.length; i++) {
      // `bits`, on variables that stay in registers.
      const bits = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + bits) | 0;
      const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
      values[i] = values[i]! + deviation * ((sum - 510) / 147.8);
    }
    [this.#a, this.#b, this.#c, this.#counter] = [a, b, c, counter];
  }

  /** The numbers 0 to count - 1 in random order. */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let last = count - 1; last > 0; last--) {
      const pick = this.below(last + 1);
      [order[last], order[pick]] = [order[pick]!, order[last]!];
    }
    return order;
  }
}
