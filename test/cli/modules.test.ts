/** @file A network, a method and a data set of one's own, as files on the command line: the examples, and what goes wrong. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { readSafetensors } from "../../src/weights/index.ts";
import { limbeck as run, type Outcome, type RunOptions } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-modules-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const examples = fileURLToPath(new URL("../../examples/modules", import.meta.url));
const limbeck = (line: string, options: RunOptions = {}): Promise<Outcome> => run(line.split(" "), { cwd, ...options });
const json = <Value>(file: string): Value => JSON.parse(readFileSync(join(cwd, file), "utf8")) as Value;
const write = (file: string, text: string): void => {
  mkdirSync(join(cwd, file, ".."), { recursive: true });
  writeFileSync(join(cwd, file), text);
};
const weights = (folder: string): Buffer => readFileSync(join(cwd, folder, "model.safetensors"));
const small = "--engine reference --batch-size 50 --limit 150";

beforeAll(async () => {
  cpSync(examples, cwd, { recursive: true });
  const { code, stderr } = await limbeck(`train ./bars.ts --model ./net.ts --epochs 2 ${small} --out runs/teacher`);
  expect(code, stderr).toBe(0);
});

test("a network and a data set: the record, the configuration and the weights name the modules", () => {
  const modules = { [join(cwd, "net.ts")]: /^[\da-f]{64}$/, [join(cwd, "bars.ts")]: /^[\da-f]{64}$/ };
  const matching = Object.fromEntries(Object.entries(modules).map(([path, it]) => [path, expect.stringMatching(it)]));
  const config = json("runs/teacher/config.json");
  expect(config).toMatchObject({ model: join(cwd, "net.ts"), dataset: join(cwd, "bars.ts"), modules: matching });
  const record = json<RunRecord>("runs/teacher/model/run.json");
  expect(record).toMatchObject({ model: "net", modules: matching, test: { count: 150 } });
  const { metadata } = readSafetensors(weights("runs/teacher/model"), "weights");
  expect(JSON.parse(metadata["limbeck"]!)).toMatchObject({
    name: "net",
    classNames: ["lying", "standing", "leaning"],
    architecture: { kind: "model", name: "net", from: { file: "net.ts" } },
  });
  const report = readFileSync(join(cwd, "runs/teacher/report.html"), "utf8");
  expect(report).toContain(` train ${join(cwd, "bars.ts")} `);
  expect(report).not.toContain("--modules");
});

test("a module is loaded once: looked at to be checked and to make its network, its losses recorded once for both", async () => {
  const count = join(cwd, "count.txt");
  writeFileSync(count, "");
  write(
    "counted/net.ts",
    `import { appendFileSync } from "node:fs";
import { models } from "limbeck";
export const model = {
  get create() { appendFileSync(${JSON.stringify(count)}, "looked\\n"); return models.LightNN.create; },
};`,
  );
  write(
    "counted/loss.ts",
    `import { appendFileSync } from "node:fs";
import { methods } from "limbeck";
export const method = { ...methods.ce, name: "counted", losses(batch, options) {
  appendFileSync(${JSON.stringify(count)}, "recorded\\n");
  return methods.ce.losses(batch, options);
} };`,
  );
  const line = "train shapes --limit 100 --batch-size 50 --epochs 1 --engine reference";
  const { code, stderr } = await limbeck(`${line} --model counted/net.ts --method counted/loss.ts --out runs/counted`);
  expect(code, stderr).toBe(0);
  const lines = readFileSync(count, "utf8").trim().split("\n");
  expect(Object.groupBy(lines, (each) => each)).toEqual({
    looked: ["looked", "looked"],
    recorded: ["recorded"],
  });
});

test("a module imports a method by its own entry, the same as by that of all", async () => {
  write(
    "alone.ts",
    `import { kd } from "limbeck/methods/kd";
import { methods } from "limbeck";
export const method = { ...kd, name: kd === methods.kd ? "alone" : "another" };`,
  );
  const { stdout, stderr } = await limbeck("list methods ./alone.ts --json");
  expect(JSON.parse(stdout), stderr).toMatchObject({ name: "alone" });
});

test("the weights ask for the module, and are the same network with it", async () => {
  const without = await limbeck("evaluate runs/teacher ./bars.ts --engine reference");
  expect(without.stderr).toMatch(
    /^error WEIGHTS: .*its model net is not one of Limbeck's but of the module net\.ts.*--model \.\/net\.ts/m,
  );
  const { correct } = json<RunRecord>("runs/teacher/model/run.json").test;
  const tested = await limbeck("evaluate runs/teacher ./bars.ts --model ./net.ts --engine reference --json");
  expect(JSON.parse(tested.stdout), tested.stderr).toMatchObject({ correct, count: 150 });
  const unsaid = await limbeck("evaluate runs/teacher --model ./net.ts --engine reference");
  expect(unsaid.stderr).toMatch(
    /^error ARGUMENT: .* was trained on bars, a data set of the module .*bars\.ts; give that/m,
  );
  const unasked = await limbeck("predict runs/teacher net.ts");
  expect(unasked.stderr).toMatch(/^error WEIGHTS: .*--model \.\/net\.ts/m);
  const other = await limbeck("evaluate runs/teacher ./bars.ts --model resnet8");
  expect(other.stderr).toMatch(/^error ARGUMENT: .*says that it holds net, but the model was named resnet8/m);
});

test("a method, alone and with another, a module as teacher, assistant and student; the commands that come next name the files", async () => {
  const taught = await limbeck(
    "distill ./bars.ts --teacher runs/teacher/model/model.safetensors --teacher-model ./net.ts --assistants ./net.ts " +
      `--student ./net.ts --method ./loss.ts+at --option logitsWeight=2 --force --epochs 1 ${small} --out runs/student`,
  );
  expect(taught.code, taught.stderr).toBe(0);
  expect(json("runs/student/student/run.json")).toMatchObject({
    model: "net",
    method: "logits+at",
    options: { logits: { logitsWeight: 2 }, at: {} },
    weights: { logits: 2, ce: 0.5 },
  });
  expect(taught.stdout).toContain(`--model ${join(cwd, "net.ts")}`);
  const { metadata } = readSafetensors(weights("runs/student/student"), "weights");
  expect(JSON.parse(metadata["limbeck"]!)).toMatchObject({
    made: { method: "logits+at", from: { logits: { file: "loss.ts" } } },
  });
  const unknown = await limbeck(
    "distill --teacher a.safetensors --method ./loss.ts --option logitWeight=2 --out runs/x",
  );
  expect(unknown.stderr).toMatch(
    /^error ARGUMENT: options of method logits:\n.*unknown key "logitWeight"; did you mean logitsWeight/m,
  );
});

test(
  "killed and resumed, it ends in the same bits; a module that has changed is refused, unless it is forced",
  { timeout: 300_000 },
  async () => {
    const line = `train ./bars.ts --model ./net.ts --method ./quiet.ts --epochs 4 ${small} --out runs/killed`;
    write(
      "quiet.ts",
      'import { tiny } from "./tiny.ts";\nimport { mean, mul, square } from "limbeck/tensor";\n' +
        'export default { name: "quiet", title: "Quiet", summary: "Small logits.", options: {}, labels: { weight: 1 }, needsTeacher: false,\n' +
        "  losses: ({ student }) => ({ size: mul(mean(square(student.logits)), tiny) }), weights: () => ({ size: 1 }) };\n",
    );
    write("tiny.ts", "export const tiny = 0.01;\n");
    const whole = await limbeck(line.replace("killed", "whole"));
    expect(whole.code, whole.stderr).toBe(0);
    const killed = await limbeck(line, {
      onStderr: (stderr, child) => void (stderr.includes("epoch 2/4") && child.kill("SIGKILL")),
    });
    expect(killed.code).toBe(null);

    write("net.ts", `${readFileSync(join(examples, "net.ts"), "utf8")}\n// changed\n`);
    const changed = await limbeck("train --resume runs/killed");
    expect(changed.stderr).toMatch(
      /^error CHECKSUM: the module .*net\.ts has changed since: expected SHA-256 [\da-f]{64}, got [\da-f]{64}.*--force/m,
    );
    expect((await limbeck("evaluate runs/teacher ./bars.ts --model ./net.ts")).stderr).toMatch(
      /^error CHECKSUM: .*made by another net\.ts/m,
    );
    expect((await limbeck("evaluate runs/teacher ./bars.ts --model ./net.ts --force --engine reference")).code).toBe(0);
    cpSync(join(examples, "net.ts"), join(cwd, "net.ts"));
    write("tiny.ts", "export const tiny = 0.02;\n");
    const imported = await limbeck("train --resume runs/killed");
    expect(imported.stderr).toMatch(
      /^error MODULE: model would compute something else .*files that they import have changed/m,
    );
    write("tiny.ts", "export const tiny = 0.01;\n");
    const resumed = await limbeck("train --resume runs/killed");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(weights("runs/killed/model").equals(weights("runs/whole/model"))).toBe(true);

    rmSync(join(cwd, "runs/killed/model"), { recursive: true });
    write("tiny.ts", "export const tiny = 0.02;\n");
    const forced = await limbeck("train --resume runs/killed --force");
    expect(forced.code, forced.stderr).toBe(0);
    expect(weights("runs/killed/model").equals(weights("runs/whole/model"))).toBe(false);
  },
);

test("a module's network has options of its own: told, checked, recorded, and taken from its file again", async () => {
  write(
    "wide.ts",
    'import { adaptiveAvgPool2d, conv2d, flatten, linear, sequential } from "limbeck/nn";\n' +
      'const width = { value: 4, description: "channels", expected: "a whole number", is: Number.isInteger };\n' +
      "export const model = { options: { width }, create: ({ classes, inputShape: [channels] }, { width }) => ({ module:\n" +
      "  sequential([conv2d(channels, width, 3), adaptiveAvgPool2d(1), flatten(), linear(width, classes)]) }) };\n",
  );
  const wrong = await limbeck("train ./bars.ts --model ./wide.ts --model-option widht=6");
  expect(wrong.stderr).toMatch(/^error ARGUMENT: wide: unknown option "widht"; did you mean width\? Known: width/m);
  const trained = await limbeck(`train --model ./wide.ts --model-option width=6 --epochs 1 ${small} --out runs/wide`);
  expect(trained.code, trained.stderr).toBe(0);
  expect(json<RunRecord>("runs/wide/model/run.json")).toMatchObject({ modelOptions: { width: 6 }, parameters: 238 });
  const tested = await limbeck("evaluate runs/wide --model ./wide.ts --engine reference --limit 50 --json");
  expect(tested.code, tested.stderr).toBe(0);
});

test("list describes what a module gives", async () => {
  const listed = async (line: string) => (await limbeck(`list ${line}`)).stdout;
  expect(await listed("models ./net.ts")).toMatch(/^net\n {2}a network of net\.ts\n {2}0\.00551 M parameters/);
  expect(await listed("methods ./loss.ts")).toMatch(
    /^logits {2}Logits\n[^]*Needs a teacher\.[^]*logitsWeight=1 [^]*ceWeight=0\.5/,
  );
  expect(await listed("datasets ./bars.ts")).toMatch(/^bars\n {2}3 classes, images of 1x16x16: 600 \+ 150/);
});

const method = 'name: "own", title: "Own", summary: "Own.", options: {}, labels: { weight: 1 }, needsTeacher: false';
const network = 'import { conv2d, flatten, linear, module, sequential } from "limbeck/nn";\n';

// What the file holds, which argument it is, and how the message begins.
test.each<[what: string, text: string, line: string, message: RegExp]>([
  ["nothing there", "", "train --model ./gone.ts", /^error MODULE: the module .*gone\.ts cannot be read: ENOENT/m],
  [
    "no export",
    "const x = 1;\nexport {};",
    "train --model ./it.ts",
    /should export a model, as model or as default, got no export/,
  ],
  ["another export", "export const net = 1;", "train --model ./it.ts", /as default, got net/],
  [
    "a number",
    "export default 7;",
    "train --model ./it.ts",
    /what it exports as default should be a function .*, got 7/,
  ],
  [
    "wrong syntax",
    "export default (;",
    "train --model ./it.ts",
    /^error MODULE: the module .*it\.ts.* cannot be loaded: SyntaxError/m,
  ],
  ["an enum", "enum A { B }\nexport default A;", "train --model ./it.ts", /cannot be loaded: SyntaxError: .*enum/],
  ["a missing import", 'import "./gone.ts";', "train --model ./it.ts", /cannot be loaded: Error: Cannot find module/],
  ["throwing", 'throw new Error("no luck");', "train --model ./it.ts", /it\.ts:1:7 cannot be loaded: Error: no luck/],
  ["throwing no error", "throw 5;", "train --model ./it.ts", /it\.ts cannot be loaded: it threw 5/],
  [
    "no network",
    "export default () => ({});",
    "train --model ./it.ts",
    /its model's function should give a network, .*got an object/,
  ],
  [
    "a failing network",
    "export default () => nothing;",
    "train --model ./it.ts",
    /it\.ts:1:22 makes no network: ReferenceError: nothing/,
  ],
  [
    "other classes",
    `${network}export default () => ({ module: flatten(), classes: 5 });`,
    "train --model ./it.ts",
    /for 10 classes .* but says that it has 5/,
  ],
  [
    "too few logits",
    `${network}export default () => ({ module: sequential([flatten(), linear(3072, 7)]) });`,
    "train --model ./it.ts",
    /^error SHAPE: it should give logits \[1, 10\]/m,
  ],
  [
    "a failing layer",
    `${network}export default () => ({ module: sequential([flatten(), linear(5, 10)]) });`,
    "train --model ./it.ts",
    /^error SHAPE: .*it\.ts: 1: linear: x should be/m,
  ],
  [
    "a failing forward",
    `${network}export default () => ({ module: module({ children: {},\nforward: (x) => x.y.z }) });`,
    "train --model ./it.ts",
    /^error MODULE: the module .*it\.ts:3:21 makes no network: TypeError/m,
  ],
  [
    "a name of the table",
    "export default { name: 'resnet20', create: () => 1 };",
    "train --model ./it.ts",
    /should have a name of its own, got "resnet20", which one of Limbeck's has/,
  ],
  [
    "no method",
    "export default {};",
    "train --method ./it.ts",
    /its method's name should be letters, digits, - and _, got undefined/,
  ],
  [
    "a known method",
    `export default { ${method.replace('"own"', '"kd"')}, losses: () => ({}), weights: () => ({}) };`,
    "train --method ./it.ts",
    /its method should have a name of its own, got "kd"/,
  ],
  [
    "a strange name",
    `export default { ${method.replace('"own"', '"a+b"')}, losses: () => ({}), weights: () => ({}) };`,
    "train --method ./it.ts",
    /name should be letters, digits, - and _, got "a\+b"/,
  ],
  [
    "an option of another kind",
    `export default { ${method.replace("options: {}", "options: { a: 3 }")}, losses: () => ({}), weights: () => ({}) };`,
    "train --method ./it.ts",
    /its method's options should be options by name, as option\.weight and its kin make them, got an object/,
  ],
  [
    "failing losses",
    `export default { ${method}, losses: () => null.x, weights: () => ({ a: 1 }) };`,
    "train --method ./it.ts",
    /^error MODULE: the module .*it\.ts:1:\d+ failed in its method's losses: TypeError/m,
  ],
  [
    "no losses",
    `export default { ${method}, losses: () => ({}), weights: () => ({ a: 1 }) };`,
    "train --method ./it.ts",
    /^error ARGUMENT: method own: weights\(\) names a, but losses\(\) gives ce alone/m,
  ],
  [
    "no data set",
    "export default () => ({ name: 'x' });",
    "train ./it.ts",
    /its function should give a data set, .*got an object/,
  ],
  [
    "failing data",
    "export default async () => { throw new Error('no disk') };",
    "train ./it.ts",
    /it\.ts:1:\d+ gives no data set: Error: no disk/,
  ],
  [
    "both of one name",
    "export const model = () => 1;",
    "distill --teacher a.safetensors --student ./it.ts --teacher-model ./same/it.ts",
    /both give it; call one of them otherwise/,
  ],
  [
    "pictures' settings",
    "export default () => 1;",
    "train ./it.ts --size 32",
    /^error CONFIG: [^]*size: it is for pictures in files/m,
  ],
])("%s: a coded error that names the file", async (_, text, line, message) => {
  if (text !== "") for (const file of ["it.ts", "same/it.ts"]) write(file, text);
  const { code, stderr } = await limbeck(`${line} ${small} --out runs/refused`);
  expect(stderr).toMatch(message);
  expect([1, 2]).toContain(code);
});
