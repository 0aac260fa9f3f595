/** @file A Node that is too old says so, instead of failing at syntax that it does not know. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { transformWithOxc } from "vite";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { main, node } from "./limbeck.ts";

/** Runs `limbeck --version` in a Node that says it is of this version and cannot load anything but main.ts. */
async function outcome(version: string): Promise<{ readonly code: number; readonly stderr: string }> {
  const pretence = `
    import { registerHooks } from "node:module";
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
    registerHooks({
      resolve(specifier, context, next) {
        if (context.parentURL?.startsWith("file:")) throw new SyntaxError("imported " + specifier);
        return next(specifier, context);
      },
    });`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(pretence)}`, main, "--version"];
  return promisify(execFile)(node, args).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }) => ({ code, stderr }),
  );
}

test.each(["18.20.8", "16.20.2", "20.17.0"])("Node %s is told which one is needed", async (version) => {
  expect(manifest.engines.node).toBe(">=20.18");
  expect(await outcome(version)).toEqual({
    code: 1,
    stderr: `error UNSUPPORTED: limbeck needs Node 20.18 or later, this is Node ${version}; install a newer one: https://nodejs.org\n`,
  });
});

test.each(["20.18.0", "22.0.0", "100.1.0"])("Node %s loads the rest", async (version) => {
  expect((await outcome(version)).stderr).toMatch(/SyntaxError: imported .*\/program/);
});

test("main.ts has no syntax that Node 18 does not know, and imports nothing at first", async () => {
  const source = await readFile(main, "utf8");
  const [plain, old] = await Promise.all(
    ["esnext", "es2022"].map(async (target) => (await transformWithOxc(source, main, { target })).code),
  );
  expect(old).toBe(plain);
  // What newer syntax would look like.
  const { code } = await transformWithOxc("using x = f();", main, { target: "es2022" });
  expect(code).not.toContain("using x");
  expect(plain).not.toMatch(/^(import|export)\s.*from/m);
});
