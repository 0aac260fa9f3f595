/** @file Students in whole numbers in a folder for the web, as Node loads them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { integerWebStudent } from "../../src/ship/node/web-folder.ts";
import { web } from "../../src/ship/node/web-format.ts";
import { integerModule } from "../../src/engine/int8/module.ts";
import { interpret } from "./interpreter.ts";
import { noise, normalised, wholeStudent } from "./whole-student.ts";
import { script, written } from "./students.ts";

const { network, description } = wholeStudent();
const { files, constants } = await integerWebStudent(network, description);
const weights = files.get("weights.bin")!;
const image = noise(32, 32);
const expected = interpret(network, normalised(image));

describe.each(["student.wasm", "student.relaxed.wasm"])("by %s", (name) => {
  test("the bits are those of the interpreter", async () => {
    const folder = await written(files);
    const { load } = await script(folder);
    const student = await load({ wasm: readFile(join(folder, name)), weights });
    for (let i = 0; i < 2; i++) expect(student.logits(image)).toEqual(expected);
  });

  test("and so they are by a module that was compiled elsewhere", async () => {
    const { load } = await script(await written(files));
    const wasm = new WebAssembly.Module(files.get(name) as Uint8Array<ArrayBuffer>);
    expect((await load({ wasm, weights })).logits(image)).toEqual(expected);
  });

  test("a bit that is changed is told", async () => {
    const { load } = await script(await written(files));
    const changed = files.get(name)!.slice();
    changed[1000]! ^= 1;
    await expect(load({ wasm: changed, weights })).rejects.toMatchObject({ code: "CHECKSUM" });
  });
});

test("weights are a byte each, and the modules share them", () => {
  const count = network.layers.reduce((sum, layer) => sum + ("weights" in layer ? layer.weights.length : 0), 0);
  expect(weights.length).toBeGreaterThan(count);
  // Biases and factors, 8 bytes an output channel, in panels of up to 32 channels.
  expect(weights.length).toBeLessThan(count + 8 * 32 * network.layers.length);
  expect(Object.keys(constants.files)).toEqual(["student.wasm", "student.relaxed.wasm", "weights.bin"]);
});

describe("a module for relaxed SIMD that gives other logits than the plain one", async () => {
  const [images, ...others] = network.layers;
  const { scale, zero } = images.quantisation;
  const other = { ...images, quantisation: { scale, zero: zero === 0 ? 1 : zero - 1 } };
  const name = "student.relaxed.wasm";
  const relaxed = integerModule({ ...network, layers: [other, ...others] }, "relaxed").encode(constants.modules[1]!.id);
  const check = `${relaxed.length} bytes with CRC-32 ${crc32(relaxed)}`;
  const text = Buffer.from(files.get("student.js")!).toString().replace(constants.files[name]!, check);
  const folder = (script: string): Promise<string> =>
    written(new Map([...files, [name, relaxed] as const, ["student.js", Buffer.from(script)] as const]));
  const { data, width, height } = noise(32, 32);
  const plane = (c: number): Uint8Array => Uint8Array.from({ length: 1024 }, (_, i) => data[4 * i + c]!);
  const image = Uint8Array.from([0, 1, 2].flatMap((c) => [...plane(c)]));

  test("is not used, as in browsers whose products are wrong", async () => {
    const opened = await web.open(await folder(text), description);
    expect(opened.runner).toBe("student.js, without relaxed SIMD");
    expect([...(await opened.logits([image]))]).toEqual([...interpret(network, normalised({ data, width, height }))]);
    const sound = await web.open(await written(files), description);
    expect(sound.runner).toBe("student.js");
  });

  test("is not exported where student.js would use it", async () => {
    const blind = text.replace("=== proof", "!== 0");
    await expect(web.open(await folder(blind), description)).rejects.toMatchObject({ code: "EXPORT" });
  });
});

test("networks of 8-bit activations are refused, because relaxed SIMD takes 7 bits", async () => {
  await expect(async () => integerWebStudent({ ...network, top: 255 }, description)).rejects.toMatchObject({
    code: "UNSUPPORTED",
  });
});
