/** @file Says of what was skipped why: of each reason how many tests. Before the runner's own summary, which counts them. */
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";

/** The reason stands in a title, its own or that of a group around it, as `(skipped: REASON)`, or was given to `context.skip(REASON)`. */
export class SkipReasons implements Reporter {
  #isWhole = true;

  onInit(vitest: Vitest): void {
    this.#isWhole = vitest.config.testNamePattern === undefined; // tests of other names count as skipped
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (!this.#isWhole) return;
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    const reasons = Object.entries(Object.groupBy(skipped, reasonOf));
    if (reasons.length === 0) return;
    const lines = reasons.map(([reason, tests]) => `${String(tests!.length).padStart(7)}  ${reason}`);
    process.stdout.write(`\nSkipped tests, and why:\n${lines.join("\n")}\n`);
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined) return result.note;
  for (let place: TestCase | TestSuite | TestModule = test; place.type !== "module"; place = place.parent) {
    const said = /\(skipped: (.+)\)/.exec(place.name)?.[1];
    if (said !== undefined) return said;
  }
  return `no reason given: ${test.module.relativeModuleId}, ${test.fullName}`;
}
