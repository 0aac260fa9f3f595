/** @file Commands that are worth trying after another: with every setting of it that a fair comparison needs. */
import { parseConfig, trainingKeys, type Config } from "../experiment/config.ts";
import type { Trainer } from "../experiment/node/settle.ts";
import { commandLine } from "./command-line.ts";
import { shortest } from "./shortest.ts";
import { calledAs, shellWords } from "./terminal.ts";

/** How a network was trained and on what, whatever taught it. */
function training(config: Config<Trainer>): Record<string, unknown> {
  const settings = Object.entries(config).filter(([name]) => trainingKeys.includes(name));
  const { momentumGap: _, ...optimiserOptions } = config.optimiserOptions; // Apart from a teacher's gradient.
  return { ...Object.fromEntries(settings), optimiserOptions };
}

/** `limbeck train`: the network of another run, trained alike on the labels alone. */
export function trainCommand(config: Config<Trainer>, model: string): string {
  const alike = parseConfig("train", { ...training(config), model });
  return commandLine(calledAs("train"), shortest("train", alike, ["model", "dataset"]));
}

/** `limbeck distill`: a student of the default model taught by these weights, trained alike. */
export function distillCommand(config: Config<Trainer>, teacher: string, teacherModel: string): string {
  const alike = parseConfig("distill", { ...training(config), teacher, teacherModel });
  return commandLine(calledAs("distill"), shortest("distill", alike, ["teacher", "teacherModel", "dataset"]));
}

/** `limbeck tutorial`: the same with these settings in place of its own. */
export function tutorialCommand(config: Config<Trainer>, changes: Readonly<Record<string, unknown>>): string {
  const settings = shortest("tutorial", config as Config<"tutorial">);
  return commandLine(calledAs("tutorial"), { ...settings, ...changes });
}

/** `limbeck evaluate`: a weights file on the images that it was tested on. `of` says which network it holds. */
export function evaluateCommand(
  weights: string,
  { dataset, dataDir, limit, engine }: Config<Trainer>,
  of: { readonly model: string; readonly method?: string; readonly teacherModel?: string },
): string {
  const data = { dataset, ...of, dataDir, limit, engine };
  const { weights: _, ...settings } = shortest("evaluate", parseConfig("evaluate", { ...data, weights }), [
    "model",
    "dataset",
  ]);
  const named = { model: of.model, dataset, method: of.method, teacherModel: of.teacherModel, ...settings };
  return commandLine(`${calledAs("evaluate")} ${shellWords([weights])}`, named);
}
