/** @file What the rows of the table of operations are given. */
import type { Emitter } from "./emitter.ts";
import type { AnyBatch } from "./sizes.ts";

/** What a row is given beside its tensor and the names of its inputs. */
export interface Writing {
  readonly emitter: Emitter;
  /** The name of the images' value, of which the batch can be asked. */
  readonly images: string;
  readonly sizesOf: AnyBatch["sizesOf"];
  /** What to call results, `relu_3`. */
  readonly name: string;
}
