/** @file `limbeck evaluate`: how well a weights file classifies the test images. */
import type { Command } from "commander";
import { addDataOptions, type DataOptions } from "../options.ts";

export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("classify the test images with a model's weights")
    .description("Classifies the test images with the weights of a safetensors file; PyTorch's parameter names fit.")
    .argument("<weights>", "safetensors file")
    .option("--model <name>", "name of the model (default: LightNN)")
    .option("--json", "print the result as JSON on stdout; progress stays on stderr");
  addDataOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck evaluate runs/a/student-kd/model.safetensors\n" +
        "  limbeck evaluate teacher.safetensors --model DeepNN --dataset cifar10 --json",
    )
    .action(evaluate);
}

type Options = DataOptions & { readonly model?: string; readonly json?: boolean };

async function evaluate(weights: string, { json = false, ...given }: Options): Promise<void> {
  const { checkNames } = await import("../names.ts");
  checkNames(given);
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
  process.stdout.write(json ? `${JSON.stringify(evaluation)}\n` : `${evaluationTable(evaluation)}\n`);
}
