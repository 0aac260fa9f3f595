/**
 * @file A tutorial of tiny models in a folder, resumed if there is one: `node tiny-experiment.ts FOLDER`, a line an event.
 * Tests run it as a process of its own, to kill it.
 */
import { pathToFileURL } from "node:url";
import { findMethod, objective } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import type { ExperimentEvent } from "../../src/experiment/events.ts";
import { openFolder } from "../../src/experiment/node/folder.ts";
import { planTraining, type RunPlan } from "../../src/experiment/plan.ts";
import type { Results } from "../../src/experiment/record.ts";
import { performRuns } from "../../src/experiment/experiment.ts";
import { everything } from "./everything.ts";
import { tinyDataset, tinyModel } from "./tiny.ts";

const config = parseConfig("train", { dataset: "tiny", epochs: 3, batchSize: 8, dropout: 0.3, learningRate: 0.03 });

/** The experiment in this folder. */
export async function* tinyExperiment(out: string, signal?: AbortSignal): AsyncGenerator<ExperimentEvent, Results> {
  const folder = await openFolder(out);
  const engine = referenceEngine();
  try {
    return yield* performRuns(
      {
        engine,
        dataset: tinyDataset(),
        folder,
        config,
        description: config,
        environment: { limbeck: "test", runtime: "test", engine: "reference", machine: "test", date: "test" },
        ...(signal && { signal }),
      },
      plans(),
    );
  } finally {
    await engine.close();
    await folder.close();
  }
}

/** As the tutorial: the second student goes on with the stream of the first. */
function plans(): RunPlan[] {
  const seed = config.seed;
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher", norm: true });
  const by = (method: string) => ({
    name: `student-${method}`,
    title: method,
    model: tinyModel({ channels: 4, norm: true }),
    objective: objective(findMethod(method)),
    seed,
    teacher,
  });
  const alone = planTraining(by("ce"));
  return [
    planTraining({ ...by("ce"), name: "teacher", model: teacher }),
    alone,
    planTraining({ ...by("kd"), random: alone.random }),
    planTraining(by("regressor")),
    planTraining({ ...by("ce"), name: "student-everything", objective: objective(everything), images: 22 }),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for await (const event of tinyExperiment(process.argv[2]!)) console.log(JSON.stringify(event));
}
