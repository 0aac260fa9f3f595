/** @file A graph that needs more memory than there is: said before, instead of a process that the system ends. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { wasmEngine } from "../../src/entries/index.ts";
import { add, exp, input } from "../../src/entries/tensor.ts";
import { script } from "./script.ts";

test("a graph beyond WebAssembly's memory is an error with needed and possible, and the engine goes on", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const huge = input("x", [2 ** 15, 2 ** 15]);
  await expect(engine.compile({ outputs: { y: exp(huge) }, updates: [] })).rejects.toMatchObject({
    code: "ENGINE",
    message: expect.stringMatching(/needs 819\d MiB of the 4096 MiB that it can have; take a smaller batch/),
  });
  const x = input("x", [2]);
  const program = await engine.compile({ outputs: { y: add(x, 1) }, updates: [] });
  expect([...(await program.run({ x: Float32Array.of(1, 2) })).y!]).toEqual([2, 3]);
  await engine.close();
});

/** Compiles y = x + 1 for x of so many MiB, half of what it needs, runs it, and prints what came of it. */
const use = (mebibytes: number): string => `try {
    const engine = await limbeck.wasmEngine({ threads: 1 });
    const x = limbeck.input("x", [${mebibytes} * 2 ** 18]);
    const program = await engine.compile({ outputs: { y: limbeck.add(x, 1) }, updates: [] });
    console.log((await program.run({ x: new Float32Array(x.size) })).y[0]);
  } catch ({ code, message }) { console.log(code, message); }`;

const groups = findGroups();
const unless = groups === null ? " (skipped: no control group can be made here)" : "";

describe.skipIf(groups === null)(`in a container's memory${unless}`, () => {
  test("a graph that does not fit is an error that says what is available", async () => {
    const { code, stdout } = await script(use(1024), inGroup(512));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ENGINE the wasm engine needs 20\d\d MiB more, and [1-4]\d\d MiB are available;/),
    });
  });

  test("a graph that fits is run, though the container's files fill the rest", async () => {
    const readFiles = `import { readFileSync, rmSync, writeFileSync } from "node:fs";
      const file = "/tmp/${randomUUID()}";
      for (let i = 0; i < 10; i++) {
        writeFileSync(file + i, new Uint8Array(40 * 2 ** 20));
        readFileSync(file + i);
      }
      globalThis.gc();`;
    const remove = `for (let i = 0; i < 10; i++) rmSync(file + i);`;
    const outcome = await script(readFiles + use(50) + remove, inGroup(512));
    expect(outcome).toEqual({ code: 0, stdout: "1\n", stderr: "" });
  });
});

test("too little address space for an engine is an error that says so", async () => {
  // V8 wants 8 GiB for a memory, or 4 where it is told of a limit in time, and so does what strips types, in each thread.
  const { code, stdout } = await script(use(1), ["prlimit", `--as=${16 * 2 ** 30}`]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^(1|ENGINE the wasm engine .* address space.*; .*ulimit -v.*)\n$/),
  });
});

/** A folder of control groups in which one can be made that limits memory, and the name of the limit. */
function findGroups(): { readonly folder: string; readonly limit: string } | null {
  for (const folder of ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"]) {
    try {
      const path = makeGroup(folder);
      const limit = ["memory.limit_in_bytes", "memory.max"].find((name) => existsSync(join(path, name)));
      rmdirSync(path);
      if (limit !== undefined) return { folder, limit };
    } catch {
      // Not a folder of control groups, or not for us.
    }
  }
  return null;
}

function makeGroup(folder: string): string {
  const path = join(folder, `limbeck-${randomUUID()}`);
  mkdirSync(path);
  return path;
}

/** What starts a command in a group of its own. */
function inGroup(mebibytes: number): string[] {
  const path = makeGroup(groups!.folder);
  onTestFinished(() => rmdirSync(path));
  writeFileSync(join(path, groups!.limit), String(mebibytes * 2 ** 20));
  return ["bash", "-c", `echo $$ > ${path}/cgroup.procs && exec "$@"`, "--"];
}
