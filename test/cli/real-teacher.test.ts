/** @file A teacher as people publish it, and drawings in a folder that nobody has labelled, by the command line. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { packageFolder } from "../teachers/packages.ts";
import { drawing, drawn } from "../teachers/strokes.ts";
import { limbeck } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-real-"));
afterAll(() => rmSync(cwd, { recursive: true }));

test("detypify-service, which tells 411 symbols, teaches LightNN from drawings without labels", async (context) => {
  const folder =
    (await packageFolder("detypify-service", "0.3.0")) ?? context.skip("npm cannot fetch the teacher's package");
  copyFileSync(join(folder, "train/model.onnx"), join(cwd, "symbols.onnx"));
  const symbols = JSON.parse(readFileSync(join(folder, "train/infer.json"), "utf8")) as {
    readonly names: readonly string[];
  }[];
  writeFileSync(join(cwd, "names.json"), JSON.stringify(symbols.map(({ names: [name] }) => name)));
  mkdirSync(join(cwd, "drawings"));
  for (let i = 0; i < 300; i++) {
    const picture = sharp(drawn(drawing(i), 224), { raw: { width: 224, height: 224, channels: 1 } });
    await picture.png().toFile(join(cwd, "drawings", `${i}.png`));
  }
  const said = { resize: "224,224", interpolation: "bilinear", range: 1, mean: 0, std: 1 };
  const options = Object.entries(said).flatMap(([name, value]) => ["--teacher-option", `${name}=${value}`]);
  const training =
    "--size 32 --epochs 15 --batch-size 40 --learning-rate 0.002 --dropout 0 --option kdWeight=1 --json --out runs/a";
  const { code, stdout, stderr } = await limbeck(
    [
      "distill",
      "./drawings",
      "--teacher",
      "symbols.onnx",
      "--teacher-labels",
      "names.json",
      ...options,
      ...training.split(" "),
    ],
    { cwd, env: { LIMBECK_CACHE: join(cwd, "cache") } },
  );
  expect(code, stderr).toBe(0);
  const { runs, teachers } = JSON.parse(stdout) as {
    readonly runs: readonly { readonly testAgreement: number }[];
    readonly teachers: readonly { readonly runner: string; readonly notImported: string }[];
  };
  expect(teachers).toMatchObject([{ runner: "onnxruntime", notImported: expect.stringContaining("SequenceEmpty") }]);
  const commonest = Number(/most often \S+ \(([\d.]+)%\)/.exec(stderr)?.[1]);
  expect(runs[0]!.testAgreement).toBeGreaterThan(commonest + 20);
}, 300_000);
