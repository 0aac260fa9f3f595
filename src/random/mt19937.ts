/** @file The Mersenne twister MT19937: 32 random bits at a time. */
import { aNumber, checkArguments, having, listOf } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";

const WORDS = 624;
const SHIFT = 397;

/**
 * The generator of Matsumoto and Nishimura, seeded as its authors' `init_genrand`, hence as `torch.manual_seed`.
 * "Mersenne Twister: A 623-dimensionally equidistributed uniform pseudo-random number generator", 1998.
 */
export class Mt19937 {
  readonly #words: Uint32Array = new Uint32Array(WORDS);
  /** The words as they are handed out, worked out a whole block at a time. */
  readonly #tempered: Uint32Array = new Uint32Array(WORDS);
  #used = WORDS;

  /** NOTE: 32 bits of the seed count, as in PyTorch. */
  constructor(seed: number) {
    this.#words[0] = seed;
    for (let i = 1; i < WORDS; i++) {
      const previous = this.#words[i - 1]!;
      this.#words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    if (this.#used === WORDS) this.#advance();
    return this.#tempered[this.#used++]!;
  }

  state(): { readonly words: readonly number[]; readonly used: number } {
    return { words: [...this.#words], used: this.#used };
  }

  /** Throws ARGUMENT for anything that `state` cannot have returned. */
  restore(state: { readonly words: readonly number[]; readonly used: number }): void {
    checkArguments("restore", { state: [state, having("an object", { words: listOf(aNumber), used: aNumber })] });
    const { words, used } = state;
    const whole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most;
    if (words.length !== WORDS || !words.every((word) => whole(word, 0xffffffff)) || !whole(used, WORDS)) {
      throw new LimbeckError(
        "ARGUMENT",
        `a random state should hold ${WORDS} 32-bit words of which 0 to ${WORDS} are used, got ${words.length} words, ${used} used; restore only what state() returned`,
      );
    }
    this.#words.set(words);
    this.#used = used;
    this.#temper();
  }

  #advance(): void {
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) {
      // The last words reach around to the start of the block, to words that are new already.
      const mixed = (words[i]! & 0x80000000) | (words[i + 1 < WORDS ? i + 1 : 0]! & 0x7fffffff);
      const distant = words[i + SHIFT < WORDS ? i + SHIFT : i + SHIFT - WORDS]!;
      words[i] = distant ^ (mixed >>> 1) ^ (-(mixed & 1) & 0x9908b0df);
    }
    this.#temper();
    this.#used = 0;
  }

  #temper(): void {
    for (let i = 0; i < WORDS; i++) {
      let word = this.#words[i]!;
      word ^= word >>> 11;
      word ^= (word << 7) & 0x9d2c5680;
      word ^= (word << 15) & 0xefc60000;
      this.#tempered[i] = word ^ (word >>> 18);
    }
  }
}
