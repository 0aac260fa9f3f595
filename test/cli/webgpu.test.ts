/** @file `--engine webgpu` on the command line: a device that is lost in the middle, and one that is not there. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { environmentOfSwiftShader, whyNoWebGpu } from "../engines/swiftshader.ts";
import { skipped } from "../engines/tested.ts";
import { limbeck } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-webgpu-"));
afterAll(() => rmSync(cwd, { recursive: true }));
cpSync(fileURLToPath(new URL("../../examples/modules", import.meta.url)), cwd, { recursive: true });

const training = "train ./bars.ts --model ./net.ts --engine webgpu --epochs 4 --batch-size 50 --limit 100".split(" ");
const weights = (run: string): Buffer => readFileSync(join(cwd, run, "model/model.safetensors"));

describe.skipIf(whyNoWebGpu)(skipped("webgpu", whyNoWebGpu), () => {
  test("a training whose device was lost says how to resume it, and ends in the bits of one that lost none", async () => {
    const preload = new URL("swiftshader-preload.ts", import.meta.url).href;
    const env = { ...environmentOfSwiftShader, NODE_OPTIONS: `--import ${preload}` };
    let isLost = false;
    const whole = limbeck([...training, "--out", "whole"], { cwd, env });
    const lost = await limbeck([...training, "--out", "lost", "--json"], {
      cwd,
      env,
      onStderr: (stderr, child) => {
        if (!isLost && stderr.includes("epoch 1/4")) isLost = child.kill("SIGUSR2");
      },
    });
    expect(lost.code, lost.stderr).toBe(1);
    expect(lost.stderr).toMatch(
      /up to the last checkpoint is saved in lost. To resume:\n {2}.* train --resume lost\nerror ENGINE: webgpu: the device was lost/,
    );
    expect(JSON.parse(lost.stdout)).toMatchObject({ error: { code: "ENGINE" } });

    const resumed = await limbeck(["train", "--resume", "lost"], { cwd, env });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect((await whole).code).toBe(0);
    expect(weights("lost")).toEqual(weights("whole"));
  }, 240_000);

  test("without an adapter, the error says what to take instead", async () => {
    const env = { ...environmentOfSwiftShader, VK_DRIVER_FILES: "/nowhere.json" };
    const { code, stderr } = await limbeck([...training, "--out", "none"], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error ENGINE: webgpu: no adapter was found.*take the wasm engine$/m);
    expect(stderr).not.toContain("To resume");
  });
});
