/** @file What modules of somebody's own give is the same whenever an experiment goes on, or this is said. */
import { LimbeckError } from "../errors.ts";
import { sha256Hex } from "../sha256.ts";
import { topologicalOrder, type Graph } from "../tensor/index.ts";
import { preparedRun } from "./check-data.ts";
import type { RunContext, RunPlan } from "./plan.ts";

/**
 * Throws MODULE where a run of the folder's experiment computes something else than when that was begun, though its modules are the same
 * files: what they import has changed, say. Without modules there is nothing to check; with `force` it is not.
 */
export async function checkSameSteps(
  { dataset, config, folder }: RunContext,
  plans: readonly RunPlan[],
): Promise<void> {
  const paths = Object.keys(config.modules ?? {});
  if (paths.length === 0) return;
  for (const plan of plans) {
    const { name } = plan;
    if (plan.pretrained) continue;
    const phases = preparedRun({ dataset, config }, plan);
    const texts = phases.flatMap(({ segments }) => segments.flatMap(({ steps }) => steps.graphs.map(textOf)));
    const found = await sha256Hex(texts.join("\n"));
    if (folder.bind(`steps of ${name}`, found) === found || config.force) continue;
    throw new LimbeckError(
      "MODULE",
      `${name} would compute something else than when this experiment was begun, though ${paths.join(" and ")} ` +
        "are the same: files that they import have changed, or they give something else each time; put those back, " +
        "start again in a new folder, or go on all the same with --force",
    );
  }
}

/** Everything that a graph computes: a line a tensor. */
function textOf({ outputs, updates }: Graph): string {
  const roots = [...Object.values(outputs), ...updates.flatMap(({ value, state }) => [value, state])];
  const order = topologicalOrder(roots);
  const places = new Map(order.map((tensor, i) => [tensor, i]));
  const placesOf = (tensors: readonly (typeof order)[number][]): string =>
    tensors.map((tensor) => places.get(tensor)).join(" ");
  const lines = order.map(
    ({ op, inputs, attributes, shape, dtype }) =>
      `${op.name} ${placesOf(inputs)} ${JSON.stringify(attributes)} ${dtype} ${shape.join(" ")}`,
  );
  return [...lines, Object.keys(outputs).join(" "), placesOf(roots)].join("\n");
}
