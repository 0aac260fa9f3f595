/** @file Finished runs of an invented study, with the scatter of real ones. */
import { readUPlot } from "../../src/cli/report-file.ts";
import { compareStudy, type FinishedRun } from "../../src/study/compare-study.ts";
import { packBits } from "../../src/study/summary.ts";
import type { StudyReportInput } from "../../src/study/report/input.ts";

const images = 400;

export interface Invented {
  /** Beside the student alone. */
  readonly methods: number;
  readonly seeds: number;
  readonly groups?: readonly string[];
  /** Default 8. */
  readonly epochs?: number;
}

/** The same on every call; a method gains a little more than the one before it. */
export function exampleStudy({ methods, seeds, groups = [""], epochs = 8 }: Invented): StudyReportInput {
  let state = 1;
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const finished = groups.flatMap((group, g) =>
    Array.from({ length: seeds }, (_, s) =>
      Array.from({ length: methods + 1 }, (_, m): FinishedRun => {
        const right = Uint8Array.from({ length: images }, () =>
          uniform() < 0.6 + 0.15 * g + 0.02 * Math.min(m, 9) ? 1 : 0,
        );
        const accuracy = (100 * right.reduce((sum, each) => sum + each, 0)) / images;
        const figures = { title: "Student", model: "LightNN", method: m === 0 ? "ce" : "kd", images, bytes: 1_071_448 };
        return {
          run: {
            task: "",
            group,
            row: m === 0 ? "student alone" : `kd, temperature=${m}`,
            role: m === 0 ? "alone" : "taught",
            ...(m > 0 && { teacherTitle: "teacher" }),
          },
          summary: {
            ...figures,
            accuracy,
            correct: packBits(right),
            parameters: 267_738 * (g + 1),
            multiplyAdds: 1_300_000 * (g + 1),
            seconds: 12 + m + uniform(),
            seed: s + 1,
            engine: "wasm",
            machine: s === 1 ? "linux x64, 4 x Another Processor" : "linux x64, 2 x Example Processor",
            limbeck: "0.1.0",
            epochs: Array.from({ length: epochs }, (_, e) => ({
              epoch: e + 1,
              labelLoss: 2 / (e + 1) + 0.1 * uniform() - 0.02 * m,
              validationAccuracy: accuracy - 20 / (e + 1) + uniform(),
            })),
            teacher: {
              ...figures,
              method: "ce",
              model: "DeepNN",
              accuracy: 82,
              correct: packBits(right),
              parameters: 1_186_986,
              multiplyAdds: 40_599_552,
              seconds: 0,
            },
          },
        };
      }),
    ).flat(),
  );
  return {
    name: "invented",
    groups: compareStudy(finished),
    runs: finished.map(({ run, summary }) => ({
      ...summary,
      title: `${run.row}, seed ${summary.seed}`,
      identity: "0123456789abcdef".repeat(4),
    })),
    troubles: [
      {
        title: "kd, temperature=99, seed 1",
        isSetAside: true,
        code: "DIVERGED",
        message: "<b>the loss</b> is NaN at step 3",
      },
    ],
    unfinished: methods > 1 ? 2 : 0,
    protocol: [
      "Each method and the student alone were trained on the same images by the same recipe, from the same seeds.",
    ],
    command: "limbeck study study.yaml --out studies/invented",
    description: "name: invented\nmethods:\n  - kd\n",
    limbeck: "0.1.0",
    uPlot: readUPlot(),
  };
}
