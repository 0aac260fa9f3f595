/** @file What a product's or convolution's store does besides storing, said in buffers by whoever chooses kernels. */
import type { Local } from "../emit/code.ts";
import type { Buffer } from "./kernel.ts";
import type { Epilogue } from "./product.ts";

export interface Finish {
  /** Added to each result, one value an output channel or column. */
  readonly bias?: Buffer;
  readonly relu?: boolean;
  /** Results stay only where this buffer, laid out as the result, is above 0. */
  readonly positive?: Buffer;
}

/** The buffers it reads. */
export function finishReads({ bias, positive }: Finish): Buffer[] {
  return [bias, positive].filter((buffer) => buffer !== undefined);
}

/** The same for a strip, whose addresses lie in these locals. */
export function epilogueOf(finish: Finish, bias: Local, positive: Local): Epilogue {
  return {
    relu: finish.relu ?? false,
    ...(finish.bias ? { bias } : {}),
    ...(finish.positive ? { positive } : {}),
  };
}
