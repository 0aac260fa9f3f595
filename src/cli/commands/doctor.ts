/** @file `limbeck doctor`: what computes here, how fast, and why not faster. */
import type { Command } from "commander";
import { jsonLine, print } from "../output.ts";

export function addDoctor(command: Command): void {
  command
    .description(
      "Reports this machine, its engines and how fast they are, which one --engine auto takes and why, and the data that is\n" +
        "here. Computes for a few seconds; nothing is saved.",
    )
    .option("--json", "print JSON for machines")
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
