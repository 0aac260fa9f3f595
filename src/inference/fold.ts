/** @file A network made ready to be used: its norms folded into the layers before them, and nothing left that training alone needs. */
import { elementAt, valueAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { record, type Parameter } from "../nn/index.ts";
import { input, isConstant, topologicalOrder, type Tensor } from "../tensor/index.ts";
import { Constants, type NetworkWithValues } from "./constants.ts";
import { draftOf } from "./draft.ts";
import { States, stepsTo, type Step } from "./steps.ts";

/** A batch that no other size of a graph is taken for. */
const ANY_BATCH = 3;

/**
 * The same function in evaluation mode as a network of its own, with tensors of its own, which any engine runs for any batch: each
 * batch norm, and what else multiplies and adds numbers to channels, is in the weights and bias of the convolution or linear layer
 * before it, computed in float64 and rounded once; what follows no such layer (a norm before a convolution, or after a sum) stays
 * as a multiplication and a sum per channel. What no logit depends on is gone, and so is dropout; relu6 is one clamp.
 *
 * Its parameters have the names of those that they come from: `conv1.weight`, `conv1.bias`; of norms that stay `bn1.scale` and
 * `bn1.shift`. Its logits are those of the network but for float32's rounding.
 *
 * Throws ARGUMENT where a value is missing. Its module throws UNSUPPORTED for a batch of which the network records another graph than
 * of one image or of several.
 */
export function fold(network: NetworkWithValues): NetworkWithValues {
  const { module, name, inputShape, classes } = network.model;
  const recorded = (x: Tensor): readonly Tensor[] => topologicalOrder([record(module, x, { training: false }).output]);
  const states = new States();
  const recipes: Recipe[] = [];
  for (const batch of [ANY_BATCH, 1]) {
    const order = recorded(input("images", [batch, ...inputShape]));
    // NOTE: of one image, what stretches or reshapes to the batch may be left out.
    if (recipes.some((recipe) => isFor(recipe, order))) continue;
    const constants = new Constants(network, order);
    const steps = stepsTo(draftOf(order, constants), constants, states);
    recipes.push({ nodes: order.map(nodeOf), steps });
  }
  const parameters = parametersOf(states);
  return {
    model: { name, module: { parameters, forward: following(name, recorded, recipes) }, inputShape, classes },
    values: states.values,
  };
}

/** How a recording of these nodes is folded. */
interface Recipe {
  readonly nodes: readonly Node[];
  readonly steps: readonly Step[];
}

/** An operation, and of a number in the graph which one: 1 / N of a mean over the batch is not the same for all batches. */
type Node = Pick<Tensor, "op"> & { readonly number: number | undefined };

function nodeOf(tensor: Tensor): Node {
  return { op: tensor.op, number: isConstant(tensor) ? tensor.attributes.value : undefined };
}

function isFor({ nodes }: Recipe, order: readonly Tensor[]): boolean {
  const isSame = ({ op, number }: Node, tensor: Tensor): boolean =>
    op === tensor.op && (!isConstant(tensor) || Object.is(number, tensor.attributes.value));
  return order.length === nodes.length && nodes.every((node, i) => isSame(node, elementAt(order, i)));
}

/** NOTE: apart from what the recipes were found in, which a closure would hold as long as the network. */
function following(
  name: string,
  recorded: (x: Tensor) => readonly Tensor[],
  recipes: readonly Recipe[],
): (x: Tensor) => Tensor {
  return (x) => {
    const order = recorded(x);
    const recipe = recipes.find((each) => isFor(each, order));
    if (!recipe) {
      throw new LimbeckError(
        "UNSUPPORTED",
        `${name} records another graph, or other numbers in it, for ${x.shape[0]} images than for ${ANY_BATCH}, so that it cannot be folded; compute each image by itself`,
      );
    }
    const made: Tensor[] = [];
    for (const { at, inputs, make } of recipe.steps)
      made.push(
        make(
          inputs.map((i) => elementAt(made, i)),
          elementAt(order, at),
        ),
      );
    return elementAt(made, -1);
  };
}

function parametersOf({ byPath, values }: States): Record<string, Parameter> {
  return Object.fromEntries(
    [...byPath].map(([path, tensor]) => {
      const held = valueAt(values, tensor);
      return [path, { tensor, initial: () => held }];
    }),
  );
}
