import { expect, test } from "vitest";
import { exampleReport, without } from "../../test/cli/example-runs.ts";
import type { RunRecord } from "../experiment/record.ts";
import { tally } from "../train/evaluate/evaluation.ts";
import type { CurveData } from "./draw-curves.ts";
import { percent } from "./format.ts";
import { report } from "./report.ts";

const input = exampleReport();
const page = await report(input);

test("every run, every term and every class is on the page", () => {
  for (const { title } of input.runs) expect(page).toContain(`<th role="rowheader" scope="row">${title}</th>`);
  for (const term of ["ce", "kd", "cosine", "mse"]) expect(page).toContain(`<h3><code>${term}</code></h3>`);
  for (const name of input.classes) expect(page).toContain(`<th scope="row" title="${name}">${name}</th>`);
  expect(page).toContain("2.327361822128296");
  expect(page).toContain(input.command);
});

test("validation and a teacher in each step are told where there are any", async () => {
  expect(page).not.toContain("held out");
  const epochs = input.runs[2]!.epochs.map((epoch) => ({
    ...epoch,
    validationAccuracy: 60 + epoch.epoch,
    validationLoss: 1.25,
  }));
  const validation = { images: 1200, keptEpoch: 4, accuracy: 64 };
  const runs = input.runs.with(2, { ...input.runs[2]!, epochs, validation, uncachedTeacher: "views" });
  const told = await report({ ...input, runs });
  expect(told).toMatch(/1,200\s+training images were held out/);
  expect(told).toContain("Student, soft targets: the weights after epoch 4 of 5, 64.00% of them right.");
  expect(told).toContain("Student, soft targets: the teacher ran in each step, to see the augmented images.");
  expect(told).toContain("<td>65.00%</td>");
  expect(told).toContain("<h3>Validation accuracy, %</h3>");
  const { plots } = JSON.parse(/id="curves">\s*(.*?)\s*<\/script>/s.exec(told)![1]!) as CurveData;
  expect(plots[0]!.curves.at(-1)).toMatchObject({
    title: "Student, soft targets, validation",
    x: [1, 2, 3, 4, 5],
    smooth: [1.25, 1.25, 1.25, 1.25, 1.25],
    isValidation: true,
  });
});

test("which places were compared is told where any were", async () => {
  expect(page).not.toContain("Places of the teacher");
  const pair = {
    method: "cosine",
    teacher: "features.9",
    student: "features.5",
    teacherShape: [32, 8, 8],
    studentShape: [16, 8, 8],
  };
  const told = await report({ ...input, runs: input.runs.with(3, { ...input.runs[3]!, pairs: [pair] }) });
  expect(told).toContain("Student, cosine: cosine compares features.9 [32, 8, 8] with features.5 [16, 8, 8].");
  expect(told).toContain("&quot;teacher&quot;: &quot;features.9&quot;");
});

test("nothing refers to another file or host", () => {
  const references = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target]) => target!);
  expect(references.length).toBeGreaterThan(24);
  for (const target of references) expect(target).toMatch(/^(#|data:)/);
  expect(page).not.toMatch(/@import|url\(/);
});

test("nothing on the page needs a policy that lets anything inline in, whatever its line ends are", async () => {
  const { script, style } = input.uPlot;
  const windows = await report({ ...input, uPlot: { script: `${script}\r\n`, style: `${style}\r\n` } });
  for (const made of [page, windows]) {
    expect(made).not.toContain("unsafe-inline");
    expect(made).not.toMatch(/<[^>]+ (style|on\w+)=/);
    expect(made).not.toContain("\r");
  }
});

test("hostile names stay text", async () => {
  const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'`;
  const classes = [hostile, ...input.classes.slice(1)];
  const runs = input.runs.map((run, i) => (i === 2 ? { ...run, title: hostile } : run));
  const attacked = await report({ ...input, classes, runs, command: hostile });
  expect(attacked).not.toContain("<script>alert");
  expect(attacked).not.toContain("<img src=x");
  expect(attacked.match(/<script/g)).toHaveLength(page.match(/<script/g)!.length);
  expect(attacked.match(/<img /g)).toHaveLength(page.match(/<img /g)!.length);
});

test("of many classes the page lists the pairs and the hardest classes first, and of very many a part", async () => {
  const many = (classes: number) => {
    const names = Array.from({ length: classes }, (_, i) => `class number ${i}`);
    const labels = Uint16Array.from(names, (_, i) => i);
    const predictions = Array.from(labels, (label) => (label === 3 ? 4 : label));
    const counted = tally(classes);
    for (const [i, predicted] of predictions.entries()) counted.add(labels[i]!, { predicted, confidence: 0.9 });
    const runs = input.runs.map((run) => ({ ...run, test: counted.evaluation() }));
    return report({ ...input, classes: names, labels, runs });
  };
  const some = await many(100);
  expect(some).not.toContain('<table class="confusion">');
  expect(some).toContain("<strong>class number 3</strong> for class number 4: 1");
  expect(some).toMatch(
    /<th scope="row" title="class number 3">class number 3<\/th>\s*<td>1<\/td>\s*<td class="">\s*<span class="bar" data-style="--at: 0.0%">0.0<\/span>/,
  );
  expect(some.indexOf(">class number 3</th>")).toBeLessThan(some.indexOf(">class number 0</th>"));
  expect(some).toContain('id="class-search"');
  const most = await many(3000);
  expect(most).toMatch(/Of 3,000 classes, these are the 1,000 hardest/);
  expect(most.match(/<th scope="row" title="class number/g)).toHaveLength(1000);
});

test("figures that no run has leave no column", async () => {
  const [teacher] = input.runs as [RunRecord];
  const bare = {
    ...without(teacher, "multiplyAdds", "latency"),
    test: without(teacher.test, "calibration", "calibrationError"),
  };
  const small = await report({ ...input, runs: [bare] });
  const headings = [...small.matchAll(/<th role="columnheader" scope="col"[^>]*>([^<]+)<\/th>/g)].map(
    ([, heading]) => heading,
  );
  expect(headings).toEqual(["Run", "Test accuracy", "Run", "Parameters", "File", "Training"]);
  expect(small).not.toContain('id="calibration"');
});

test("balanced accuracy and the largest class's share are on the page where classes are unequal, and nowhere else", async () => {
  const [first] = input.runs as [RunRecord];
  const unequal = {
    ...first.test,
    balancedAccuracy: 34.25,
    largestClass: { label: 2, images: 530, percent: 53 },
    smallestClass: { label: 1, images: 20, percent: 2 },
    isUnequal: true,
  };
  const shown = await report({ ...input, runs: [{ ...first, test: unequal }] });
  expect(shown).toContain('<td role="cell" data-label="Balanced accuracy">34.25%</td>');
  expect(shown).toMatch(
    new RegExp(`unequal, with 20 to 530 images: always answering ${input.classes[2]} is right\\s+for 53.00% of them`),
  );
  expect(shown).toMatch(/<h1>Teacher: \d\d\.\d\d% of the test images, 34\.25% as the mean over classes\.<\/h1>/);
  expect(page).not.toMatch(/[Bb]alanced/);
});

test("the calibration error and the bins of each run are on the page", () => {
  const { calibration, calibrationError } = input.runs[2]!.test;
  expect(page).toContain(`Student, soft targets: calibration error ${percent(calibrationError!)}`);
  const last = calibration!.at(-1)!;
  expect(page).toContain(`<title>93–100%: ${last.correct} of ${last.images}</title>`);
});

test("a single untaught run has no gallery, and a teacher that was loaded has no losses", async () => {
  const loaded = { ...input.runs[0]!, epochs: [] };
  const small = await report({ ...input, runs: [loaded], steps: {} });
  expect(small).toContain('id="confusion"');
  expect(small).not.toContain('id="gallery"');
  expect(small).not.toContain('id="losses"');
});
