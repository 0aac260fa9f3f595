/** @file The images that an ONNX file takes: as it says, or as options say where it leaves something open. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { ELEMENT } from "./fields.ts";
import type { OnnxFile, ValueInfo } from "./model-proto.ts";

/** The order of an image's axes: channels first, as PyTorch exports, or last, as TensorFlow does. */
export type Layout = "NCHW" | "NHWC";

export interface ImportShape {
  /** [channels, height, width], where the file leaves sizes open. */
  readonly inputShape?: readonly [number, number, number] | undefined;
  /** Where the file's sizes do not tell: those of channels are 1 or 3. */
  readonly layout?: Layout | undefined;
}

export interface InputShape {
  /** The graph's value that the images are. */
  readonly value: ValueInfo;
  readonly inputShape: readonly [number, number, number];
  readonly layout: Layout;
  /** How many images a run takes, where the file has a number. */
  readonly batch?: number | undefined;
}

/**
 * The file's one input, checked. Throws UNSUPPORTED where it has several, or one that is no batch of images of floats; ARGUMENT for a size that is not said, or
 * said otherwise in the file.
 */
export function inputShapeOf(file: OnnxFile, options: ImportShape): InputShape {
  const { source, inputs } = file;
  const [image, ...others] = inputs;
  if (!image || others.length > 0) {
    return unsupported(source, `it should have one input, the images, got ${inputs.length}`);
  }
  const { name, type = ELEMENT.float, dims } = image;
  if (type !== ELEMENT.float && type !== ELEMENT.float16)
    return unsupported(source, `its images should be floats, got ONNX's type ${type}`);
  if (dims && dims.length !== 4) return unsupported(source, `its images should have four axes, got ${dims.length}`);
  const [batch, ...sizes] = dims ?? ["", "", "", ""];
  const layout = options.layout ?? layoutOf(sizes, options);
  if (layout !== "NCHW" && layout !== "NHWC") {
    throw new LimbeckError("ARGUMENT", `${source}: layout should be NCHW or NHWC, got ${JSON.stringify(layout)}`);
  }
  const said = layout === "NCHW" ? sizes : [elementAt(sizes, 2), elementAt(sizes, 0), elementAt(sizes, 1)];
  const inputShape = said.map((size, axis) => {
    const given = options.inputShape?.[axis];
    const isFixed = typeof size === "number" && size > 0;
    if (isFixed && given !== undefined && given !== size) return wrongSize(source, said, options.inputShape!);
    return isFixed ? size : (given ?? openSize(source, name, said));
  }) as [number, number, number];
  if (!inputShape.every((size) => Number.isSafeInteger(size) && size > 0 && size <= LARGEST)) {
    return unsupported(source, `its images should have sizes from 1 to ${LARGEST}, got [${inputShape.join(", ")}]`);
  }
  return { value: image, inputShape, layout, batch: typeof batch === "number" && batch > 0 ? batch : undefined };
}

const LARGEST = 2 ** 14;

/** Channels are 1 or 3; where both ends could be, as where neither is fixed, PyTorch's order is told by `inputShape` alone. */
function layoutOf([first, , last]: readonly (number | string)[], { inputShape }: ImportShape): Layout {
  const isChannels = (size: number | string | undefined): boolean => size === 1 || size === 3;
  if (isChannels(last) && !isChannels(first)) return "NHWC";
  if (inputShape && typeof last === "number" && last === inputShape[0] && first !== inputShape[0]) return "NHWC";
  return "NCHW";
}

function wrongSize(source: string, said: readonly (number | string)[], given: readonly number[]): never {
  throw new LimbeckError(
    "ARGUMENT",
    `${source}: it takes images of [${said.map((size) => size || "?").join(", ")}], but the options say [${given.join(", ")}]; leave the input's shape out`,
  );
}

function openSize(source: string, name: string, said: readonly (number | string)[]): never {
  throw new LimbeckError(
    "ARGUMENT",
    `${source}: its input ${JSON.stringify(name.slice(0, 100))} leaves sizes of the images open, [${said.map((size) => (typeof size === "number" ? size : "?")).join(", ")}]; ` +
      "say inputShape, [channels, height, width]",
  );
}

function unsupported(source: string, problem: string): never {
  throw new LimbeckError("UNSUPPORTED", `${source}: ${problem}; it is no classifier of images that can be imported`);
}
