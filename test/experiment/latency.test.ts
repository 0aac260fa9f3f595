/** @file Figures that are compared can be: identical networks of a report have the same latency, whatever else the machine does, or none. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { createModel, wasmEngine } from "../../src/entries/index.ts";
import { initialise, torchRandom } from "../../src/entries/nn.ts";
import { measureLatency } from "../../src/experiment/latency.ts";
import { networkToTime } from "../../src/train/timeable.ts";

/** LIMBECK_LONG=1 times beside more and beside nothing, too. */
const long = process.env["LIMBECK_LONG"] === "1";

/** Of two figures for the same network. */
const BOUND = 1.25;

test.each(long ? [0, 1, availableParallelism()] : [1])(
  "identical networks in one measurement, while %i other processes compute",
  async (others) => {
    for (let i = 0; i < others; i++) {
      const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
      onTestFinished(() => void child.kill("SIGKILL"));
    }
    const engine = await wasmEngine({ threads: 1 });
    const networks = await Promise.all(
      ["LightNN", "resnet8"].flatMap((name) =>
        [1, 2, 3].map(async (seed) => {
          const model = createModel(name);
          for (const [state, values] of initialise(model.module, torchRandom(seed))) await engine.write(state, values);
          return networkToTime(engine, model);
        }),
      ),
    );
    const oneThread = { start: () => wasmEngine({ threads: 1 }), machine: "here" };
    const timed = await measureLatency({ networks, oneThread, seconds: 15 });
    await engine.close();
    for (const same of [timed.slice(0, 3), timed.slice(3)]) {
      for (const batch of [1, 32]) {
        const times = same.flatMap(({ latency }) => latency.filter((each) => each.batch === batch));
        const reasons = same.flatMap(({ untimed = [] }) => untimed.filter((each) => each.batch === batch));
        expect(times.length + reasons.length).toBe(3);
        for (const { reason } of reasons) expect(reason).toMatch(/other work had the processor for \d+ % of the time$/);
        const milliseconds = times.map((each) => each.milliseconds);
        const message = `batch ${batch}: ${milliseconds.join(", ")} ms`;
        if (times.length > 1)
          expect(Math.max(...milliseconds) / Math.min(...milliseconds), message).toBeLessThan(BOUND);
      }
    }
  },
  120_000,
);
