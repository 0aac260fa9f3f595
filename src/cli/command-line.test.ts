import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { calledAs, commandLine } from "./command-line.ts";

test("settings become options; what does not change the result is left out", () => {
  const config = { dataset: "shapes", limit: undefined, learningRate: 0.001, threads: 2, options: { temperature: 4 } };
  expect(commandLine("limbeck distill", config)).toBe(
    "limbeck distill shapes --learning-rate 0.001 --option temperature=4",
  );
  expect(commandLine("limbeck distill", { force: true })).toBe("limbeck distill --force");
  expect(commandLine("limbeck distill", { force: false })).toBe("limbeck distill");
  expect(commandLine("limbeck distill", { options: { name: "4" } })).toBe(`limbeck distill --option 'name="4"'`);
});

test("pairs of places are said as they are given", () => {
  const options = { pairs: [{ teacher: "layer2", student: "features.4" }], attentionWeight: 500 };
  expect(commandLine("limbeck distill", { method: "at", options })).toBe(
    "limbeck distill --method at --pair layer2=features.4 --option attentionWeight=500",
  );
});

test("groups of parameters are said by what they have of their own", () => {
  const parameterGroups = [
    { parameters: "*norm*.bias", learningRateFactor: 64, weightDecay: 1e-7 },
    { parameters: "head", weightDecay: 0 },
  ];
  expect(commandLine("limbeck train", { parameterGroups: [], freeze: [], dropLast: false })).toBe(
    "limbeck train --learning-rate-for none --freeze none --no-drop-last",
  );
  const freeze = [{ parameters: "conv1.*", afterEpochs: 3 }];
  expect(commandLine("limbeck train", { freeze })).toBe("limbeck train --freeze 'conv1.*=3'");
  expect(commandLine("limbeck train", { parameterGroups })).toBe(
    "limbeck train --learning-rate-for '*norm*.bias=64x' --weight-decay-for '*norm*.bias=1e-7' --weight-decay-for head=0",
  );
});

test("settings of an optimiser, a schedule and views become name=value", () => {
  const config = {
    optimiserOptions: { momentum: 0.9, betas: [0.9, 0.99] },
    scheduleOptions: { milestones: [3, 4] },
    augment: { crop: { padding: 4 }, flip: {} },
  };
  expect(commandLine("limbeck train", config)).toBe(
    "limbeck train --optimiser-option momentum=0.9 --optimiser-option 'betas=[0.9,0.99]' " +
      "--schedule-option 'milestones=[3,4]' --augment crop,flip --augment-option crop.padding=4",
  );
  expect(commandLine("limbeck distill", { force: true, seed: 1 })).toBe("limbeck distill --force --seed 1");
  expect(commandLine("limbeck distill", { force: false, seed: 1 })).toBe("limbeck distill --seed 1");
  expect(commandLine("limbeck train", { augment: {} })).toBe("limbeck train --augment none");
});

const [, script] = process.argv;
const event = process.env["npm_lifecycle_event"];
afterEach(() => {
  process.argv[1] = script!;
  if (event === undefined) delete process.env["npm_lifecycle_event"];
  else process.env["npm_lifecycle_event"] = event;
});

function called(path: string, lifecycle?: string): string {
  process.argv[1] = path;
  delete process.env["npm_lifecycle_event"];
  if (lifecycle !== undefined) process.env["npm_lifecycle_event"] = lifecycle;
  return calledAs("train");
}

test("the next call is suggested in the way that this one was made", () => {
  expect(called("/usr/local/bin/limbeck")).toBe("limbeck train");
  expect(called("/home/me/project/node_modules/.bin/limbeck")).toBe("npx limbeck train");
  expect(called("/home/me/.npm/_npx/1/node_modules/.bin/limbeck", "npx")).toBe("npx limbeck train");
  expect(called("/home/me/limbeck/dist/cli/main.js")).toBe("node /home/me/limbeck/dist/cli/main.js train");
  expect(called("/home/me/limbeck/src/cli/main.ts")).toBe("npm run limbeck -- train");
  expect(called("/home/me/limbeck/src/cli/main.ts", "tutorial")).toBe("npm run limbeck -- train");
});

test("in a clone that call runs, whichever Node npm itself runs on", () => {
  const version = execFileSync("npm", ["run", "--silent", "limbeck", "--", "--version"], { encoding: "utf8" });
  expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
});
