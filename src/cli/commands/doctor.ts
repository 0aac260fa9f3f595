/** @file `limbeck doctor`: what computes here, how fast, and why not faster. */
import type { Command } from "commander";
import { jsonLine, print } from "../output.ts";

export function addDoctor(command: Command): void {
  command
    .description(
      "Reports this machine, the speed of its engines, which one --engine auto chooses and why, and the data that is here. " +
        "Takes a few seconds and saves nothing.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  limbeck doctor\n  limbeck doctor --json")
    .action(async ({ json = false }: { json?: boolean }) => {
      const [{ diagnose }, { doctorPage }] = await Promise.all([
        import("../doctor/diagnosis.ts"),
        import("../doctor/page.ts"),
      ]);
      const found = await diagnose();
      await print(json ? jsonLine(found) : doctorPage(found));
    });
}
