/** @file `limbeck predict`: classifies pictures. */
import type { Command } from "commander";
import { checkNames, path, whole } from "../../experiment/settings/index.ts";
import type { PredictSettings } from "../../use/index.ts";
import { addForms, type FormOptions } from "../forms.ts";
import { addNetworkOptions, addRun, forceOption, read, repeated, ttaOption } from "../options.ts";
import { print } from "../output.ts";

export function addPredict(command: Command): void {
  const described = command.description(
    "Classifies pictures with a trained network. Pictures that cannot be read are listed, the others are classified.",
  );
  const options = addRun(described)
    .argument("<paths...>", "pictures, or folders of pictures; - reads one from stdin", repeated(path))
    .addOption(forceOption())
    .option("--top <n>", "the n most probable classes of each picture (default: 3)", read(whole(1)))
    .addOption(ttaOption());
  addForms(options, { json: "print JSON", csv: "print CSV; texts that start like a formula get an apostrophe" })
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck predict runs/birds picture.jpg more/\n  limbeck predict student.safetensors photos/ --top 1 --csv\n" +
        "  curl -s https://example.org/bird.jpg | limbeck predict runs/birds - --json",
    )
    .action(predict);
  addNetworkOptions(command);
}

type Options = PredictSettings & FormOptions;

async function predict(run: string, paths: readonly string[], { json, csv, ...options }: Options): Promise<void> {
  const [{ pictureSources, predictPictures }, { shownWork }, { follow }, shownAs] = await Promise.all([
    import("../../use/index.ts"),
    import("../progress.ts"),
    import("../follow.ts"),
    import("../predictions.ts"),
  ]);
  checkNames(options);
  const { tta = "none" } = options;
  const { answers, classes, weights } = await shownWork(async (shown, signal) => {
    const sources = await pictureSources(paths, process.stdin);
    return follow(predictPictures(run, sources, options, { signal, onNote: shown.note }), (progress) =>
      shown.work({ title: "Classifying", unit: "picture", ...progress }),
    );
  });
  const text = json
    ? shownAs.predictionsAsJson(answers, { weights, classes, ...(tta !== "none" && { tta }) })
    : csv
      ? shownAs.predictionsAsCsv(answers)
      : shownAs.predictionsTable(answers);
  if (text !== "") await print(text);
  shownAs.reportFailures(answers);
}
