/** @file Completion of command lines, in the shells that this machine has. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limbeck, main, node } from "./limbeck.ts";

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limbeck-completion-"));
  await mkdir(join(folder, "photos"));
  await writeFile(join(folder, "limbeck"), `#!/bin/sh\nexec ${node} ${main} "$@"\n`);
  await chmod(join(folder, "limbeck"), 0o755);
  for (const shell of ["bash", "zsh", "fish"])
    await writeFile(join(folder, shell), (await limbeck(["completion", shell])).stdout);
});
afterAll(() => rm(folder, { recursive: true }));

const lines: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ["limbeck comp", ["compare", "completion"]],
  ["limbeck distill --tensorb", ["--tensorboard"]],
  ["limbeck distill --method di", ["dist"]],
  ["limbeck train --model Li", ["LightNN"]],
  ["limbeck train --recipe be", ["benchmark", "best"]],
  ["limbeck train cifar", ["cifar10", "cifar100"]],
  ["limbeck study su", ["submit"]],
  ["limbeck list --json op", ["optimisers"]],
  ["limbeck list methods di", ["dist"]],
];

const env = () => ({ ...process.env, PATH: `${folder}:${process.env["PATH"]}`, HOME: folder });
test("bash: a word that would run something is passed on as it is", async () => {
  const hostile = `limbeck show $(touch\\ ${join(folder, "ran")})`;
  for (const [line, offered] of [...lines, [hostile, []] as const]) {
    const words = line.split(/(?<!\\) /);
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const script = `source ${join(folder, "bash")}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _limbeck; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["-c", script], { env: env(), cwd: folder });
    expect(stdout.split("\n").filter(Boolean).toSorted(), line).toEqual(offered);
  }
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test.skipIf(!existsSync("/usr/bin/fish"))(
  "fish, and paths where there is nothing else (skipped without fish)",
  async () => {
    for (const [line, offered] of [...lines, ["limbeck show pho", ["photos/"]] as const]) {
      const script = `source ${join(folder, "fish")}; complete -C "${line}"`;
      const { stdout } = await run("fish", ["-c", script], { env: env(), cwd: folder });
      const found = stdout
        .trim()
        .split("\n")
        .map((each) => each.split("\t")[0]);
      expect(found.toSorted(), line).toEqual(offered);
    }
  },
);

test.skipIf(!existsSync("/usr/bin/zsh"))("zsh takes its script (skipped without zsh)", async () => {
  expect(await run("zsh", ["-n", join(folder, "zsh")])).toMatchObject({ stderr: "" });
});

test("what the scripts are given: one line a candidate, none where only paths may stand", async () => {
  expect((await limbeck(["complete", "--", "distill", "--methods", "kd,di"])).stdout).toBe("kd,dist\n");
  expect((await limbeck(["complete", "--", "show", "pho"])).stdout).toBe("");
  expect((await limbeck(["complete", "--", "list", "nothing", ""])).stdout).toBe("");
  expect(await limbeck(["completion", "tcsh"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("bash, zsh, fish"),
  });
});
