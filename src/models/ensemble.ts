/** @file Several networks as one: a teacher of several teachers. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import type { Module } from "../nn/index.ts";
import { add, formatShape, mul, sameShape, type Tensor } from "../tensor/index.ts";
import type { Model } from "./model.ts";

/**
 * A network whose logits are the members' weighted mean, Σ w_i z_i / Σ w_i; by default each counts the same. Its children
 * are the members, named 0, 1, …
 *
 * Throws ARGUMENT for no member, a number of weights that is not theirs or a weight out of all proportion, SHAPE for members of other images or classes.
 */
export function ensemble(members: readonly Model[], weights?: readonly number[]): Model {
  const counts = weights ?? members.map(() => 1);
  const [first, ...others] = members;
  if (!first || counts.length !== members.length || !counts.every((weight) => weight >= 1e-9 && weight <= 1e9)) {
    throw new LimbeckError(
      "ARGUMENT",
      `ensemble: it should have a member or more and a positive weight for each, from 1e-9 to 1e9, got ${members.length} members and ` +
        `the weights ${counts.join(", ") || "none"}`,
    );
  }
  for (const other of others) {
    if (sameShape(other.inputShape, first.inputShape) && other.classes === first.classes) continue;
    throw new LimbeckError(
      "SHAPE",
      `ensemble: members should take the same images and tell the same classes, got ${describe(first)} and ${describe(other)}`,
    );
  }
  const total = counts.reduce((sum, weight) => sum + weight, 0);
  const children = Object.fromEntries(members.map(({ module }, i) => [String(i), module]));
  const module: Module = {
    children,
    forward: (x, together) =>
      Object.values(together)
        .map((member, i): Tensor => mul(member(x), elementAt(counts, i) / total))
        .reduce((sum, part) => add(sum, part)),
  };
  const { inputShape, classes } = first;
  const architectures = members.flatMap(({ architecture }) => architecture ?? []);
  const architecture = { kind: "ensemble", members: architectures, weights: counts } as const;
  return {
    name: members.map(({ name }) => name).join(" + "),
    module,
    inputShape,
    classes,
    members,
    architecture: architectures.length === members.length ? architecture : undefined,
  };
}

function describe({ name, inputShape, classes }: Model): string {
  return `${name} with images ${formatShape(inputShape)} and ${classes} classes`;
}
