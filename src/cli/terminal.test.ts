import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { calledAs } from "./terminal.ts";

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
