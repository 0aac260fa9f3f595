/** @file User modules that hang, lie, or end the process: each ends in a coded error that names the module. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limbeck as run, type Outcome, type RunOptions } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-hostile-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const limbeck = (line: string, options: RunOptions = {}): Promise<Outcome> => run(line.split(" "), { cwd, ...options });
const write = (file: string, text: string): void => writeFileSync(join(cwd, file), text);
const small = "--engine reference --epochs 1 --batch-size 50 --limit 100";
const imports = 'import { flatten, linear, module, sequential } from "limbeck/nn";\n';
const network = `${imports}const make = ({ classes, inputShape: [c, h, w] }) => ({ module: sequential([flatten(), linear(c * h * w, classes)]) });\n`;
const sound = `${network}export const model = make;\n`;
const method = (parts: string): string =>
  'import { mean } from "limbeck/tensor";\nexport const method = { name: "own", title: "Own", summary: "Own.", options: {}, needsTeacher: false, ' +
  `labels: { weight: 1 }, losses: ({ student }) => ({ a: mean(student.logits) }), weights: () => ({ a: 1 }), ${parts} };\n`;

const examples = fileURLToPath(new URL("../../examples/modules", import.meta.url));
const bars = readFileSync(join(examples, "bars.ts"), "utf8");
beforeAll(() => {
  cpSync(examples, cwd, { recursive: true });
  mkdirSync(join(cwd, "folder.ts"));
  write("net.ts", sound);
  mkdirSync(join(cwd, "esm"));
  write("esm/package.json", '{ "type": "module" }');
  write("esm/wrong.js", "export const y = 1;\n\nlet x = = 5;\n");
  write("fails.js", '\n\nthrow new Error("no luck");\n');
  write("syntax.js", "\n\nlet x = = 5;\n");
  write("late.js", 'setTimeout(() => { throw new Error("late") });\n');
});

/** The data set of the example, with a statement before it is given. */
const data = (statement: string): string =>
  bars.replace('return { name: "bars"', `${statement}\n  return { name: "bars"`);

const asModel = `train ./bars.ts --model ./it.ts ${small}`;
const asMethod = `train ./bars.ts --model ./net.ts --method ./it.ts ${small}`;
const asData = `train ./it.ts --model ./net.ts ${small}`;

// What the file holds, the command, and how its error begins.
test.each<[what: string, text: string, line: string, message: RegExp]>([
  [
    "a floating rejection",
    `${sound}Promise.reject(new Error("late"));`,
    asModel,
    /it\.ts:4:16 left a promise .*: Error: late/,
  ],
  ["one without a place", `${sound}Promise.reject(5);`, asModel, /it\.ts left a promise .*: it threw 5/],
  [
    "a late throw",
    `${sound}setTimeout(() => { throw null; });`,
    asModel,
    /it\.ts.* failed where nothing catches it: it threw null/,
  ],
  ["one of what it imports", `${sound}import "./late.js";`, asModel, /it\.ts.*: Error: late, at .*late\.js:1:26/],
  [
    "an await without an end",
    `${sound}await new Promise(() => {});`,
    asModel,
    /it\.ts does not load: .*nothing can settle/,
  ],
  ["an export then", `${sound}export const then = () => {};`, asModel, /it\.ts does not load: .*nothing can settle/],
  [
    "process.exit when loaded",
    `${sound}process.exit(0);`,
    asModel,
    /it\.ts:4:9 cannot be loaded: .*called process\.exit/,
  ],
  [
    "process.exit of a model",
    "export const model = () => process.exit(0);",
    asModel,
    /it\.ts:1:36 makes no network: .*process\.exit/,
  ],
  ["a late process.exit", `${sound}setTimeout(() => process.exit(0));`, asModel, /it\.ts.*called process\.exit/],
  ["process.reallyExit", `${sound}process.reallyExit(0);`, asModel, /it\.ts:4:9 .*called process\.reallyExit/],
  ["process.abort", `${sound}process.abort();`, asModel, /it\.ts:4:9 .*called process\.abort/],
  [
    "another exit code at the exit",
    `${sound}process.on("exit", () => { process.exitCode = 0; });\nthrow 1;`,
    asModel,
    /it\.ts .*it threw 1/,
  ],
  [
    "a throwing getter",
    'export const model = { get create() { throw new Error("no"); } };',
    asModel,
    /it\.ts:1:45 cannot be used: Error: no/,
  ],
  [
    "a getter that changes",
    "let n = 0;\nexport const model = { get create() { return n++ ? 5 : () => 1; } };",
    asModel,
    /it\.ts: .* should be a function/,
  ],
  [
    "a throwing proxy",
    'export const model = new Proxy({}, { get() { throw new Error("trap"); } });',
    asModel,
    /it\.ts:1:52 cannot be used: Error: trap/,
  ],
  [
    "errors without stacks",
    'Error.stackTraceLimit = 0;\nexport const model = () => { throw new Error("no"); };',
    asModel,
    /it\.ts makes no network: Error: no/,
  ],
  [
    "a list's method replaced",
    `${sound}Array.prototype.map = () => [];`,
    asModel,
    /it\.ts.* changed Array\.prototype\.map/,
  ],
  [
    "a list's iterator replaced",
    `${sound}Array.prototype[Symbol.iterator] = function* () {};`,
    asModel,
    /it\.ts.* changed Array\.prototype\.Symbol/,
  ],
  [
    "every object with one more key",
    `${sound}Object.prototype.more = 1;`,
    asModel,
    /it\.ts.* changed Object\.prototype\.more/,
  ],
  [
    "Math changed later",
    `${network}export const model = (o) => { Math.exp = Math.sin; return make(o); };`,
    asModel,
    /it\.ts.* changed Math\.exp/,
  ],
  [
    "an import that fails",
    `${sound}import "./fails.js";`,
    asModel,
    /it\.ts cannot be loaded: Error: no luck, at .*fails\.js:3:7/,
  ],
  [
    "an import that is no JavaScript",
    `${sound}import "./syntax.js";`,
    asModel,
    /it\.ts cannot be loaded: SyntaxError: .*, at .*syntax\.js:3/,
  ],
  [
    "a module that is no JavaScript",
    "",
    asModel.replace("it.ts", "esm/wrong.js"),
    /wrong\.js:3 cannot be loaded: SyntaxError/,
  ],
  [
    "an import of one",
    `${sound}import "./esm/wrong.js";`,
    asModel,
    /it\.ts cannot be loaded: SyntaxError: .*, at .*wrong\.js:3/,
  ],
  ["no TypeScript", `${sound}\nconst = 5;`, asModel, /it\.ts:5 cannot be loaded: SyntaxError/],
  ["a folder", "", asModel.replace("it.ts", "folder.ts"), /folder\.ts cannot be read: it is a folder/],
  [
    "an async model",
    `${network}export const model = async (o) => make(o);`,
    asModel,
    /it\.ts: .*should give a network, .*got an object, Promise/,
  ],
  [
    "a network without an end",
    "export const model = () => ({ module: { forward: (x) => x, get children() { return { k: this }; } } });",
    asModel,
    /it\.ts.*RangeError/,
  ],
  [
    "a forward that throws null",
    `${imports}export const model = () => ({ module: module({ children: {}, forward: () => { throw null; } }) });`,
    asModel,
    /it\.ts makes no network: it threw null/,
  ],
  [
    "async losses",
    method("async losses() {}"),
    asMethod,
    /it\.ts: its method's losses should give .*got an object, Promise/,
  ],
  [
    "losses that are no tensors",
    method("losses: () => ({ a: 1 })"),
    asMethod,
    /it\.ts: its method's losses should give .*a tensor/,
  ],
  [
    "losses that no loop ends at",
    method('losses: () => new Proxy({}, { ownKeys() { throw new Error("trap"); } })'),
    asMethod,
    /it\.ts:2:\d+ failed in its method's losses: Error: trap/,
  ],
  [
    "weights that are no numbers",
    method("weights: () => ({ a: NaN })"),
    asMethod,
    /it\.ts: its method's weights should give .*a finite number/,
  ],
  [
    "needs that are none",
    method("needs: () => ({ negatives: { count: NaN } })"),
    asMethod,
    /it\.ts: its method's needs should give .*a whole number from 1/,
  ],
  [
    "phases that are none",
    method("pretraining: () => 7"),
    asMethod,
    /it\.ts: its method's pretraining should give a list/,
  ],
  [
    "a loss of labels that is none",
    method('labels: { weight: 1, loss: () => "x" }'),
    asMethod,
    /it\.ts: its method's labels\.loss should give a tensor, got "x"/,
  ],
  [
    "data that never comes",
    "export const dataset = () => ({ then() {} });",
    asData,
    /it\.ts does not give its data set: .*nothing can settle/,
  ],
  [
    "a data set's throwing getter",
    data('Object.defineProperty(train, "labels", { get() { throw new Error("no"); } });'),
    asData,
    /it\.ts:\d+:\d+ gives no data set: Error: no/,
  ],
  [
    "an image that is none",
    data('const { image } = train;\n  train.image = (i) => (i === 77 ? "x" : image(i));'),
    asData,
    /it\.ts: image\(77\) of its data set's train should give a Uint8Array, got "x"/,
  ],
  [
    "an image that throws",
    data('const { image } = train;\n  train.image = (i) => { if (i === 77) throw "gone"; return image(i); };'),
    asData,
    /it\.ts gives no image: it threw "gone"/,
  ],
  ["a deviation of 0", bars.replace("std: [0.3]", "std: [0]"), asData, /it\.ts: normaliser: channel 0/],
])("%s", { timeout: 60_000 }, async (_, text, line, message) => {
  if (text !== "") write("it.ts", text);
  // An error that comes late may meet a run that has begun its folder.
  rmSync(join(cwd, "runs/refused"), { recursive: true, force: true });
  const { code, stderr } = await limbeck(`${line} --out runs/refused`);
  expect(stderr).toMatch(/^error (MODULE|SHAPE|ARGUMENT): /m);
  expect(stderr).toMatch(message);
  expect([1, 2]).toContain(code);
});

describe("a sound result of a module that", () => {
  test.each([
    ["keeps the process alive", `${sound}setInterval(() => {}, 1000);`],
    ["swallows what its process.exit throws", `${sound}try { process.exit(0); } catch {}`],
    ["is frozen", `${network}export const model = Object.freeze({ create: (o) => Object.freeze(make(o)) });`],
    [
      "seeds Math.random, and adds a method that lists lack",
      `${sound}Math.random = () => 0.5;\nObject.defineProperty(Array.prototype, "more", { value: 1 });`,
    ],
  ])("%s", { timeout: 60_000 }, async (_, text) => {
    write("it.ts", text);
    rmSync(join(cwd, "runs/sound"), { recursive: true, force: true });
    const { code, stderr } = await limbeck(`${asModel} --out runs/sound`);
    expect(code, stderr).toBe(0);
  });

  test("prints: with --json and --csv, stdout holds the result alone", { timeout: 60_000 }, async () => {
    write("it.ts", `${sound}console.log("to the log");\nprocess.stdout.write("to stdout\\n");`);
    const trained = await limbeck(`${asModel} --out runs/printing --json`);
    expect(JSON.parse(trained.stdout), trained.stderr).toMatchObject({ dataset: "bars" });
    expect(trained.stderr).toMatch(/to the log\nto stdout\n/);
    const plain = await limbeck("list models ./it.ts");
    expect(plain.stdout).toMatch(/^to the log\nto stdout\nit\n/);
    expect(JSON.parse((await limbeck("list models ./it.ts --json")).stdout)).toMatchObject({ name: "it" });
  });
});

test(
  "a late error in a training: it is saved as for a signal, names the module, and resumes to the same bits",
  { timeout: 120_000 },
  async () => {
    const wait =
      'import { existsSync } from "node:fs";\nif (existsSync("fail")) setInterval(() => { if (existsSync("runs/late/model/checkpoint-1")) throw new Error("late"); }, 5);';
    write("it.ts", `${sound}${wait}`);
    const line = asModel.replace("--epochs 1", "--epochs 60");
    expect((await limbeck(`${line} --out runs/whole`)).code).toBe(0);
    write("fail", "");
    const failed = await limbeck(`${line} --out runs/late`);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^error MODULE: the module .*it\.ts:5:\d+ failed where nothing catches it: Error: late/m,
    );
    expect(failed.stderr).toMatch(/is saved in runs\/late\. To resume:\n.*--resume runs\/late/);
    expect(existsSync(join(cwd, "runs/late/model/run.json"))).toBe(false);
    rmSync(join(cwd, "fail"));
    const resumed = await limbeck("train --resume runs/late");
    expect(resumed.code, resumed.stderr).toBe(0);
    const bits = (folder: string): Buffer => readFileSync(join(cwd, folder, "model/model.safetensors"));
    expect(bits("runs/late").equals(bits("runs/whole"))).toBe(true);
  },
);

const begun = 'import { writeSync } from "node:fs";\nconst endless = () => { writeSync(2, "begun\\n"); for (;;); };\n';
const busy = /may be in an endless loop\. Ctrl-C again stops at once/;

/** Ctrl-C when the module says that it has begun, and again when the first was answered. */
async function interrupted(line: string): Promise<Outcome> {
  let sent = 0;
  return limbeck(line, {
    onStderr(stderr, child) {
      const due = [stderr.includes("begun"), busy.test(stderr)].filter(Boolean).length;
      // NOTE: a moment later, as a person would: while one is answered, the next ends the process without a word.
      for (; sent < due; sent++) setTimeout(() => child.kill("SIGINT"), 200);
    },
  });
}

describe.skipIf(process.platform === "win32")(
  "Ctrl-C, where JavaScript never ends: the first is answered, the second ends it",
  () => {
    test.each([
      ["while it loads, though it listens itself", `${begun}process.on("SIGINT", () => {});\nendless();`, asModel],
      ["in a model", `${begun}export const model = endless;`, asModel],
      [
        "in a model that waits",
        `${begun}const number = new Int32Array(new SharedArrayBuffer(4));\nexport const model = () => { writeSync(2, "begun\\n"); Atomics.wait(number, 0, 0); };`,
        asModel,
      ],
      ["in a loss", `${begun}${method("losses: endless")}`, asMethod],
      [
        "in data, after a wait",
        `${begun}export const dataset = () => new Promise((settle) => setTimeout(settle)).then(endless);`,
        asData,
      ],
      ["in a timer", `${begun}${sound}setTimeout(endless, 1000);`, asModel.replace("--epochs 1", "--epochs 5000")],
    ])("%s", { timeout: 60_000 }, async (_, text, line) => {
      write("it.ts", text);
      const { code, stderr } = await interrupted(`${line} --out runs/endless-${_.replaceAll(/\W/g, "-")}`);
      expect(stderr).toMatch(busy);
      expect(stderr).toMatch(/^error ABORTED: stopped while JavaScript was busy, perhaps in .*it\.ts/m);
      expect(code).toBe(null);
    });

    test("where it ends after a while, the first saves", { timeout: 60_000 }, async () => {
      const pause =
        "setTimeout(() => { writeSync(2, 'begun\\n'); for (const start = Date.now(); Date.now() - start < 2000;); }, 1000);";
      write("it.ts", `${begun}${sound}${pause}`);
      const { code, stderr } = await limbeck(`${asModel.replace("--epochs 1", "--epochs 5000")} --out runs/pause`, {
        onStderr: (text, child) => void (text.endsWith("begun\n") && child.kill("SIGINT")),
      });
      expect(stderr).toMatch(busy);
      expect(stderr).toMatch(/^What is done is saved in runs\/pause/m);
      expect(stderr).toMatch(/^error ABORTED: stopped as asked/m);
      expect(code).toBe(130);
    });
  },
);
