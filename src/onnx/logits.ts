/** @file Where a graph's logits are: what its output is without the softmax at its end. */
import { LimbeckError } from "../errors.ts";
import { ELEMENT } from "./fields.ts";
import { shownName, type OnnxFile, type OnnxNode } from "./model-proto.ts";

/** The value that is taken for the logits, once it has the shape [N, classes]. */
export interface Logits {
  readonly value: string;
  /** The same as it stands before the softmax, or the output itself, whatever its shape: for another runtime to give. */
  readonly given: string;
  /** Operators at the end that were left out, since methods want logits: `Softmax`. */
  readonly leftOut: readonly string[];
}

const softmaxes: ReadonlySet<string> = new Set(["Softmax", "LogSoftmax"]);
/** What changes no number of the logits, only their shape. */
const passing: ReadonlySet<string> = new Set([
  "Flatten",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "Identity",
  "Dropout",
  "Cast",
]);
const floats: ReadonlySet<unknown> = new Set([ELEMENT.float, ELEMENT.float16, ELEMENT.double, ELEMENT.bfloat16]);

/**
 * Goes from the output back over what only passes logits on. Throws UNSUPPORTED for a sigmoid at the end: its classes do not exclude each other, and what is
 * left out or not has to be said. So it does for an output of classes, or of rounded numbers, as ArgMax and a Cast to whole numbers make: it has no logits.
 */
export function logitsOf({ source }: OnnxFile, output: string, maker: ReadonlyMap<string, OnnxNode>): Logits {
  const leftOut: string[] = [];
  let [value, given] = [output, output];
  for (let steps = 0; steps < 1000; steps++) {
    const node = maker.get(value);
    if (node?.domain !== "" || !node.inputs[0]) break;
    if (node.op === "Sigmoid" && leftOut.length === 0) {
      throw new LimbeckError(
        "UNSUPPORTED",
        `${source}: its output ${shownName(output)} ends in Sigmoid, so its classes do not exclude each other; ` +
          `if these are classes of which one is right, give ${shownName(node.inputs[0])} as output`,
      );
    }
    const isRounded = node.op === "Cast" && !floats.has(node.attributes.get("to") ?? ELEMENT.float);
    if (isRounded || node.op === "ArgMax") {
      throw new LimbeckError(
        "UNSUPPORTED",
        `${source}: its output ${shownName(output)} ends in ${isRounded ? "a Cast to whole numbers" : "ArgMax"}, so that it is classes or rounded numbers, not logits; ` +
          `give the value that is the logits as output, ${shownName(node.inputs[0])} if it is the one`,
      );
    }
    if (!softmaxes.has(node.op) && !passing.has(node.op)) break;
    [value] = node.inputs;
    if (!softmaxes.has(node.op)) continue;
    leftOut.push(node.op);
    given = value;
  }
  return { value, given, leftOut };
}
