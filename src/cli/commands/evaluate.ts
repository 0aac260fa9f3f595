/** @file `limbeck evaluate`: how well a weights file classifies the test images. */
import type { Command } from "commander";
import { addDataOptions, namedValue, path, type DataOptions } from "../options.ts";
import { jsonLine, print } from "../print.ts";
import { checkWorkingFolder } from "../working-folder.ts";

export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("classify the test images with a model's weights")
    .description(
      "Classifies the test images with the weights of a safetensors file. A file that Limbeck wrote says which network it\n" +
        "holds and of which data set; for others, with PyTorch's parameter names, say so.",
    )
    .argument("<weights>", "safetensors file", path)
    .option("--model <name>", "name of the model (default: the file's, or LightNN)")
    .option(
      "--method <name>",
      "the method that trained it, if that makes a network of its own, simkd, and the file does not say so",
    )
    .option("--option <name=value>", "an option of that method, if it was given one; again for each", namedValue)
    .option("--teacher-model <name>", "name of the model that taught it, for such a method")
    .option("--json", "print the result as JSON on stdout; progress stays on stderr");
  addDataOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck evaluate runs/a/student-kd/model.safetensors\n" +
        "  limbeck evaluate teacher.safetensors --model DeepNN --dataset cifar10 --json\n" +
        "  limbeck evaluate student.safetensors --model resnet8 --method simkd --teacher-model resnet20",
    )
    .action(evaluate);
}

interface Options extends DataOptions {
  readonly model?: string;
  readonly method?: string;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly teacherModel?: string;
  readonly json?: boolean;
}

async function evaluate(weights: string, { json = false, option, ...chosen }: Options): Promise<void> {
  const given = { ...chosen, ...(option && { options: option }) };
  const { checkNames } = await import("../names.ts");
  checkNames(given);
  checkWorkingFolder();
  const [{ evaluateFile }, { display }, { follow }, { interruptible }, { evaluationTable }] = await Promise.all([
    import("../../experiment/node/evaluate-file.ts"),
    import("../progress.ts"),
    import("../follow.ts"),
    import("../interrupt.ts"),
    import("../evaluation-table.ts"),
  ]);
  const shown = display();
  const evaluation = await interruptible(
    (signal) =>
      follow(evaluateFile({ ...given, weights }, { signal, onDownload: shown.download }), (progress) =>
        shown.show({ kind: "evaluate", run: weights, ...progress }),
      ),
    () => shown.note("Stopping; Ctrl-C again stops at once."),
  ).finally(() => shown.close());
  await print(json ? jsonLine(evaluation) : evaluationTable(evaluation));
}
