import { expect, test } from "vitest";
import { exampleReport } from "../../test/cli/example-runs.ts";
import { report } from "./report.ts";

const input = exampleReport();
const page = report(input);

test("every run, every term and every class is on the page", () => {
  for (const { title } of input.runs) expect(page).toContain(`<th role="rowheader" scope="row">${title}</th>`);
  for (const term of ["ce", "kd", "cosine", "mse"]) expect(page).toContain(`<h3><code>${term}</code></h3>`);
  for (const name of input.classes) expect(page).toContain(`<th scope="row">${name}</th>`);
  expect(page).toContain("2.327361822128296");
  expect(page).toContain(input.command);
});

test("validation and a teacher in each step are told where there are any", () => {
  expect(page).not.toContain("held out");
  const epochs = input.runs[2]!.epochs.map((epoch) => ({ ...epoch, validationAccuracy: 60 + epoch.epoch }));
  const validation = { images: 1200, keptEpoch: 4, accuracy: 64 };
  const runs = input.runs.with(2, { ...input.runs[2]!, epochs, validation, uncachedTeacher: "views" });
  const told = report({ ...input, runs });
  expect(told).toMatch(/1,200\s+training images were held out/);
  expect(told).toContain("Student, soft targets: the weights after epoch 4 of 5, 64.00% of them right.");
  expect(told).toContain("Student, soft targets: the teacher ran in each step, to see the augmented images.");
  expect(told).toContain("<td>65.00%</td>");
});

test("which places were compared is told where any were", () => {
  expect(page).not.toContain("Places of the teacher");
  const pair = {
    method: "cosine",
    teacher: "features.9",
    student: "features.5",
    teacherShape: [32, 8, 8],
    studentShape: [16, 8, 8],
  };
  const told = report({ ...input, runs: input.runs.with(3, { ...input.runs[3]!, pairs: [pair] }) });
  expect(told).toContain("Student, cosine: cosine compares features.9 [32, 8, 8] with features.5 [16, 8, 8].");
  expect(told).toContain("&quot;teacher&quot;: &quot;features.9&quot;");
});

test("nothing refers to another file or host", () => {
  const references = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target]) => target!);
  expect(references.length).toBeGreaterThan(24);
  for (const target of references) expect(target).toMatch(/^(#|data:)/);
  expect(page).not.toMatch(/@import|url\(/);
});

test("hostile names stay text", () => {
  const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'`;
  const classes = [hostile, ...input.classes.slice(1)];
  const runs = input.runs.map((run, i) => (i === 2 ? { ...run, title: hostile } : run));
  const attacked = report({ ...input, classes, runs, command: hostile });
  expect(attacked).not.toContain("<script>alert");
  expect(attacked).not.toContain("<img src=x");
  expect(attacked.match(/<script/g)).toHaveLength(page.match(/<script/g)!.length);
  expect(attacked.match(/<img /g)).toHaveLength(page.match(/<img /g)!.length);
});

test("of many classes the page lists what is confused most, and of very many no confusions are kept", () => {
  const classes = Array.from({ length: 1000 }, (_, i) => `class number ${i}`);
  const confusion = classes.map((_, truth) => classes.map((_, said) => (said === (truth + 1) % 1000 ? truth : 1)));
  const of = (kept: readonly (readonly number[])[]) =>
    report({ ...input, classes, runs: input.runs.map((run) => ({ ...run, test: { ...run.test, confusion: kept } })) });
  const many = of(confusion);
  expect(many.length).toBeLessThan(page.length + 1_000_000);
  expect(many).toMatch(/>class number 999<\/th>\s*<td>class number 0<\/td>\s*<td>999 of 1,998<\/td>/);
  expect(many.match(/<table class="confusions">/g)).toHaveLength(input.runs.length);
  const none = of([]);
  expect(none).not.toContain('id="confusion"');
  expect(none).not.toContain('id="classes"');
});

test("a single untaught run has no gallery, and a teacher that was loaded has no losses", () => {
  const loaded = { ...input.runs[0]!, epochs: [] };
  const small = report({ ...input, runs: [loaded], steps: {} });
  expect(small).toContain('id="confusion"');
  expect(small).not.toContain('id="gallery"');
  expect(small).not.toContain('id="losses"');
});
