/** @file Shapes that depend on the batch, in ONNX's words. */
import { LimbeckError } from "../../errors.ts";
import type { Emitter } from "./emitter.ts";
import type { AnyBatch, Size } from "./sizes.ts";

/** What a row is given beside its tensor and the names of its inputs. */
export interface Writing {
  readonly emitter: Emitter;
  /** The name of the images' value, of which the batch can be asked. */
  readonly images: string;
  readonly sizesOf: AnyBatch["sizesOf"];
  /** What to call results, `relu_3`. */
  readonly name: string;
}

/** [batch, ...] as [batch, all others]. */
export function flattened(x: string, { emitter, name }: Writing): string {
  return emitter.node("Flatten", [x], name, { axis: { int: 1 } });
}

/** Under another shape, of which one size may depend on the batch, and more where they stand at the same axis of x. */
export function reshapedTo(x: string, from: readonly Size[], to: readonly Size[], writing: Writing): string {
  const { emitter, name } = writing;
  let isOpen = false;
  const target = to.map((size, axis) => {
    if (typeof size === "number") return size;
    const before = from[axis];
    if (typeof before === "object" && before.batches === size.batches) return 0; // as it is in x
    if (isOpen) refuse(name);
    isOpen = true;
    return -1; // what is left
  });
  return emitter.node("Reshape", [x, emitter.list(target)], name);
}

/** Stretched to a shape: where x has the batch already, its size stays; else the images' is asked. */
export function expanded(x: string, from: readonly Size[], to: readonly Size[], writing: Writing): string {
  const { emitter, images, name } = writing;
  const kept = to.map((size, axis) => {
    const before = from[axis - to.length + from.length];
    if (typeof size === "number") return size;
    return typeof before === "object" ? 1 : size;
  });
  if (kept.every((size) => typeof size === "number"))
    return emitter.node("Expand", [x, emitter.list(kept as number[])], name);
  const batch = emitter.node("Shape", [images], `${name}.batch`, { start: { int: 0 }, end: { int: 1 } });
  const parts = kept.map((size) => {
    if (typeof size === "number") return emitter.list([size]);
    return size.batches === 1 ? batch : refuse(name);
  });
  const target = emitter.node("Concat", parts, `${name}.shape`, { axis: { int: 0 } });
  return emitter.node("Expand", [x, target], name);
}

function refuse(name: string): never {
  throw new LimbeckError(
    "UNSUPPORTED",
    `${name} has several sizes that depend on the batch, so that it cannot be written as ONNX for any batch; keep the batch the first axis`,
  );
}
