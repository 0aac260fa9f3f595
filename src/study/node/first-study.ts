/** @file The study that four answers describe: pictures, teacher, where the student will run, and how thorough the comparison is. */
import { Document, type Pair, type Scalar } from "yaml";
import { allSettings, helpOf, isPictures, type Settings } from "../../experiment/settings/index.ts";
import { unknownName } from "../../nearest-name.ts";
import type { StudyDescription } from "../description.ts";

/** Where a student will run, and a network that suits it. Sizes are those of int8 weights. */
export const targets = {
  page: { student: "resnet20", summary: "a web page: resnet20, 0.3 MB" },
  phone: { student: "MobileNetV2", summary: "a phone: MobileNetV2, 0.7 MB, few multiply-adds" },
  server: { student: "resnet8x4", summary: "a server: resnet8x4, 1.2 MB" },
  tiny: { student: "resnet8", summary: "the smallest: resnet8, 0.1 MB" },
} as const;

/** How thorough the comparison is. */
export const budgets = {
  look: { epochs: 10, methods: ["kd"], seeds: 1, summary: "a first look: one method, one seed, 10 epochs" },
  compare: {
    epochs: 30,
    methods: ["kd", "dist"],
    seeds: 3,
    summary: "a comparison: two methods, three seeds, 30 epochs",
  },
  tune: {
    epochs: 30,
    methods: ["kd", "dist"],
    seeds: 3,
    tune: 9,
    summary: "a tuned comparison: the same, with nine trials of settings for each row",
  },
} as const;

export interface FirstStudyAnswers {
  /** A data set, or the path of pictures. */
  readonly data: string;
  /** A file or a run's folder; `undefined` trains one. */
  readonly teacher?: string | undefined;
  readonly target: string;
  readonly budget: string;
}

const TEACHER = "wrn_16_2";

/** The description. Throws UNKNOWN_NAME for a target or a budget that is not in its table. */
export function firstStudy({ data, teacher, target, budget }: FirstStudyAnswers): StudyDescription {
  if (!Object.hasOwn(targets, target)) unknownName("target", target, Object.keys(targets));
  if (!Object.hasOwn(budgets, budget)) unknownName("budget", budget, Object.keys(budgets));
  const { student } = targets[target as keyof typeof targets];
  const { epochs, summary: _, ...compared } = budgets[budget as keyof typeof budgets];
  const augment = isPictures(data) ? { resizedCrop: {}, flip: {} } : { crop: {}, flip: {} };
  const recipe = { epochs, schedule: "cosine", ...(data !== "shapes" && { augment }) } as const;
  return {
    data: data === "shapes" ? { dataset: data, limit: 2048 } : data,
    teachers: teacher ?? { train: { model: TEACHER, recipe } },
    students: student,
    recipe,
    ...compared,
  };
}

const comments: { readonly [key in keyof StudyDescription]?: string } = {
  data: "a data set, or the path of your pictures; {dataset: ./photos, size: 64} sets their size",
  teachers: "an ONNX file, a run's folder, or hf:OWNER/NAME; `train` names a network that the study trains first",
  students: "limbeck list models shows others; each is also trained without the teacher",
  recipe: "how the students are trained",
  methods: "limbeck list methods shows others; {kd: {temperature: [2, 4]}} tries several values",
  tune: "settings to try for each row, chosen on validation images",
  seeds: "trainings of each row; a gain is certain only over several",
};

/** The study as YAML for the file `path`, with a comment above each key. */
export function firstStudyText(answers: FirstStudyAnswers, path: string): string {
  const document = new Document(firstStudy(answers), { aliasDuplicateObjects: false });
  document.commentBefore = ` limbeck study ${path} runs this study; with --dry-run, it prints what that takes. docs/studies.md lists all keys.`;
  comment(document, [], (key) => comments[key as keyof StudyDescription]);
  const settings: Settings = allSettings;
  comment(document, ["recipe"], (key) => settings[key] && helpOf(settings[key]));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function comment(document: Document, path: readonly string[], textOf: (key: string) => string | undefined): void {
  const { items } = document.getIn(path, true) as { readonly items: readonly Pair<Scalar<string>>[] };
  for (const { key } of items) {
    const text = textOf(key.value);
    if (text !== undefined) key.commentBefore = ` ${text}`;
  }
}
