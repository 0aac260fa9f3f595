/** @file `limbeck predict`: what a trained network says of pictures. */
import { Option, type Command } from "commander";
import { anEngineName } from "../../experiment/settings/data.ts";
import { path, whole } from "../../experiment/settings/values.ts";
import type { PredictSettings } from "../../use/index.ts";
import { read, repeated, ttaOption } from "../options.ts";
import { print } from "../output.ts";

export function addPredict(command: Command): void {
  command
    .description(
      "Classifies pictures with a trained network, made ready as those were that it was trained on. Pictures that cannot\n" +
        "be read are named, and the others get their answer.",
    )
    .argument(
      "<run>",
      "folder of a run, of which the student or the model is taken, or a weights file of Limbeck's",
      read(path),
    )
    .argument("<paths...>", "pictures, and folders of pictures; - for one on stdin", repeated(path))
    .option(
      "--model <file>",
      "the module that gives its model, for a network that says it needs it: ./net.ts",
      read(path),
    )
    .option("--method <file>", "the module that gives its method, likewise", read(path))
    .option("--teacher-model <file>", "the module that gives its teacher's model, likewise", read(path))
    .option("--force", "take a module that has changed since the weights were made")
    .option("--top <k>", "so many classes of each picture, the most probable first (default: 3)", read(whole(1)))
    .addOption(ttaOption("pictures are classified"))
    .addOption(new Option("--json", "print JSON on stdout").conflicts("csv"))
    .option("--csv", "print CSV on stdout; a text that begins as a formula gets an apostrophe before it")
    .option("--engine <name>", `the engine that computes: ${anEngineName}`)
    .option("--threads <n>", "threads of the wasm engine (default: all cores)", read(whole(1, 256)))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck predict runs/birds picture.jpg more/\n  limbeck predict student.safetensors photos/ --top 1 --csv\n" +
        "  curl -s https://example.org/bird.jpg | limbeck predict runs/birds - --json",
    )
    .action(predict);
}

interface Options extends PredictSettings {
  readonly json?: boolean;
  readonly csv?: boolean;
}

async function predict(run: string, paths: readonly string[], { json, csv, ...options }: Options): Promise<void> {
  const [{ checkNames }, { pictureSources, predictPictures }, { shownWork }, { follow }, shownAs] = await Promise.all([
    import("../../experiment/check-names.ts"),
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
