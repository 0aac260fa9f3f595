/** @file A student for the web where it is meant to be: in Chromium under a strict policy, in a worker there, and in the system's Node. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createModel } from "../../src/models/index.ts";
import { integerWebStudent, webStudent } from "../../src/ship/node/web-folder.ts";
import type { Pixels, Student } from "../../src/ship/web/files/student.d.ts";
import { browserPath, noteComplaints, openBrowser } from "../cli/browser.ts";
import { drawn } from "../inference/drawn.ts";
import { interpret } from "../ship/interpreter.ts";
import { loaded, written } from "../ship/students.ts";
import { noise, normalised, wholeStudent } from "../ship/whole-student.ts";
import type { Server } from "./listening.ts";
import { serve } from "./server.ts";

/** In the page. */
declare const student: Student;

/** No inline script or style, nothing of other origins; WebAssembly alone is let through. */
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const names = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const pixels = Uint8ClampedArray.from({ length: 4 * 50 * 40 }, (_, i) =>
  i % 4 === 3 ? 255 : (i * 37 + (i >> 6) * 11) % 256,
);
const image = { data: pixels, width: 50, height: 40 };

let folder: string;
let expected: readonly number[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limbeck-page-"));
  const network = drawn(createModel("resnet8"));
  const { files } = await webStudent(network, {
    name: "a student",
    inputShape: [3, 32, 32],
    classes: 10,
    classNames: names,
    normalisation: { mean: [0.5, 0.4, 0.4], std: [0.2, 0.2, 0.3] },
  });
  await Promise.all([...files].map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  const worker = `import { load } from "./student.js";
    onmessage = async ({ data }) => { const { logits } = await load(); postMessage([...logits(data)]); };`;
  await writeFile(join(folder, "test-worker.js"), worker);
  await writeFile(
    join(folder, "test-page.js"),
    `import { load } from "./student.js"; globalThis.student = await load();`,
  );
  expected = [...(await loaded(folder)).logits(image)];
});
afterAll(() => rm(folder, { recursive: true }));

/** What the system's Node, which may be another, says of an image, by test/ship/server.mjs. */
async function inNode(
  folder: string,
  { data, width, height }: Pixels,
  { flags = [], module = "student.wasm" }: { readonly flags?: readonly string[]; readonly module?: string } = {},
): Promise<{ readonly logits: readonly number[]; readonly classes: readonly { readonly name: string }[] }> {
  const script = fileURLToPath(new URL("../ship/server.mjs", import.meta.url));
  const args = [...flags, script, folder, `${width}`, `${height}`, module];
  const answer = await new Promise<string>((done, fail) => {
    const child = execFile("node", args, { env: { PATH: systemPath } }, (error, stdout) =>
      error ? fail(error) : done(stdout),
    );
    child.stdin!.end(data);
  });
  return JSON.parse(answer);
}

const systemPath = (process.env["PATH"] ?? "")
  .split(":")
  .filter((place) => !place.includes("node_modules"))
  .join(":");

test("the system's Node, which may be another, gives the same bits", async () => {
  const { logits, classes } = await inNode(folder, image);
  expect(logits).toEqual(expected);
  expect(classes[0]!.name).toBe(names[expected.indexOf(Math.max(...expected))]);
});

test("V8 11, whose sums of four products are wrong at first, gives the interpreter's bits, or none without AVX", async (context) => {
  const version = execFileSync("node", ["--version"], { env: { PATH: systemPath }, encoding: "utf8" });
  context.skip(!/^v2[01]\./.test(version), "the system's Node is neither 20 nor 21");
  const { network, description } = wholeStudent();
  const { files } = await integerWebStudent(network, description);
  const place = await written(files);
  const relaxed = { flags: ["--experimental-wasm-relaxed-simd"], module: "student.relaxed.wasm" };
  const { logits } = await inNode(place, noise(32, 32), relaxed);
  expect(logits).toEqual([...interpret(network, normalised(noise(32, 32)))]);
  context.skip(process.arch !== "x64", "only x64 has processors with and without AVX");
  const withoutAvx = { ...relaxed, flags: [...relaxed.flags, "--no-enable-avx"] };
  await expect(inNode(place, noise(32, 32), withoutAvx)).rejects.toThrow("relaxed SIMD is wrong on this machine");
});

/** One bit a pixel. */
function blackPng(width: number, height: number): Buffer {
  const uint32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
  };
  const header = Buffer.concat([uint32(width), uint32(height), Buffer.of(1, 0, 0, 0, 0)]);
  const rows = deflateSync(Buffer.alloc(height * (1 + width / 8)));
  const magic = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`in Chromium, not isolated, under ${policy}${reason}`, () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(folder, { isolated: false, policy }), openBrowser()]);
    page = await browser.newPage();
    noteComplaints(page, complaints);
    await page.goto(`${server.origin}/`);
    await page.waitForFunction(() => document.getElementById("about")!.textContent!.includes("Ready"));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("a page's pixels give the bits that they give in Node", async () => {
    await page.addScriptTag({ url: "/test-page.js", type: "module" });
    await page.waitForFunction(() => "student" in globalThis);
    const found = await page.evaluate(
      async ({ data, width, height }) => {
        const image = new ImageData(Uint8ClampedArray.from(data), width, height);
        const canvas = new OffscreenCanvas(width, height);
        canvas.getContext("2d")!.putImageData(image, 0, 0);
        const bitmap = await createImageBitmap(image);
        return {
          isolated: globalThis.crossOriginIsolated,
          logits: [image, canvas, bitmap].map((each) => [...student.logits(each)]),
        };
      },
      { ...image, data: [...pixels] },
    );
    expect(found).toEqual({ isolated: false, logits: [expected, expected, expected] });
  });

  test("and in a worker", async () => {
    const found = await page.evaluate(
      ({ data, width, height }) =>
        new Promise((done, fail) => {
          const worker = new Worker("/test-worker.js", { type: "module" });
          worker.addEventListener("message", ({ data }) => done(data));
          worker.addEventListener("error", ({ message }) => fail(new Error(message)));
          worker.postMessage({ data: Uint8ClampedArray.from(data), width, height });
        }),
      { ...image, data: [...pixels] },
    );
    expect(found).toEqual(expected);
  });

  test("the page answers when a picture is chosen, and says so when it is none", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const png = await page.evaluate(
      async ({ data, width, height }) => {
        const canvas = new OffscreenCanvas(width, height);
        canvas.getContext("2d")!.putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
        return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
      },
      { ...image, data: [...pixels] },
    );
    await page.setInputFiles("#file", { name: "picture.png", mimeType: "image/png", buffer: Buffer.from(png) });
    await page.waitForSelector("#answers li");
    const answers = await page.locator("#answers li").allTextContents();
    expect(answers).toHaveLength(5);
    expect(answers[0]).toMatch(new RegExp(`^${names[expected.indexOf(Math.max(...expected))]}\\d+\\.\\d %$`));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.setInputFiles("#file", { name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await page.waitForSelector("#about.error");
    expect(await page.locator("#about").textContent()).toMatch(/^no\.png cannot be read as a picture/);
    expect(await page.locator("#answers li").count()).toBe(0);
    const huge = blackPng(16_384, 8193);
    await page.setInputFiles("#file", { name: "huge.png", mimeType: "image/png", buffer: huge });
    await page.getByText("at most 134217728 pixels, not 16384 x 8193").waitFor();
  });

  test("nothing was complained of", () => {
    expect(complaints).toEqual([]);
  });

  /** What the page says that cannot start, where one of its files is another one. */
  async function saidWith(file: string, body: Buffer | undefined): Promise<string> {
    const broken = await browser.newPage();
    const type = file.endsWith(".js") ? "text/javascript" : "application/octet-stream";
    await broken.route(`**/${file}`, (route) =>
      route.fulfill(body ? { body, contentType: type } : { status: 404, body: "" }),
    );
    await broken.goto(`${server.origin}/`);
    await broken.waitForSelector("#about.error");
    const said = await broken.locator("#about").innerText();
    await broken.close();
    return said;
  }

  test.each([
    ["weights.bin", "weights.bin is damaged or another student's"],
    ["student.wasm", "student.wasm is damaged or another student's"],
    ["view.js", "This page cannot start"],
    ["student.js", "This page cannot start"],
    ["page.js", "This page cannot start"],
  ])("%s is told on the page when it is damaged", async (file, message) => {
    expect(await saidWith(file, Buffer.alloc(100, "{"))).toContain(message);
  });

  test.each([
    ["weights.bin", "weights.bin cannot be fetched"],
    ["student.wasm", "student.wasm cannot be fetched"],
    ["view.js", "This page cannot start: view.js cannot be loaded. Take the whole folder again."],
    ["student.js", "This page cannot start: student.js cannot be loaded. Take the whole folder again."],
    ["page.js", "This page cannot start: page.js cannot be loaded. Take the whole folder again."],
  ])("%s is told on the page when it is missing", async (file, message) => {
    expect(await saidWith(file, undefined)).toContain(message);
  });

  test("wherever a script is cut off, the page says so", async () => {
    for (const file of ["student.js", "view.js", "page.js"]) {
      const whole = await readFile(join(folder, file));
      for (const part of [0, 0.02, 0.3, 0.5, 0.8, 0.97]) {
        const said = await saidWith(file, whole.subarray(0, Math.floor(whole.length * part)));
        expect(said, `${file}, ${part}`).toMatch(/Take the whole folder again|The model cannot be loaded/);
      }
    }
  }, 120_000);

  test("a double click on the page says that it needs a server, and a command", async () => {
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 390],
    ] as const) {
      const file = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      await file.goto(pathToFileURL(join(folder, "index.html")).href);
      await file.waitForSelector("#about.error");
      expect(await file.locator("#about").innerText()).toBe(
        "This page needs a web server, because browsers load no model from a file. Run npx http-server in its folder, and open the address that it prints.",
      );
      expect(await file.locator("#about code").innerText()).toBe("npx http-server");
      expect(await file.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await file.close();
    }
  });

  test("the page's own policy keeps out what is inline and what is of other hosts", async () => {
    const [bare, elsewhere] = await Promise.all([
      serve(folder, { isolated: false }),
      serve(folder, { isolated: false }),
    ]);
    onTestFinished(() => Promise.all([bare.close(), elsewhere.close()]).then(() => {}));
    const own = await browser.newPage();
    const heard: string[] = [];
    own.on("console", (message) => heard.push(message.text()));
    await own.goto(`${bare.origin}/`);
    await own.getByText("Ready.").waitFor();
    expect(heard).toEqual([]);
    const refused = await own.evaluate(async (elsewhere) => {
      const violations: string[] = [];
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violations.push(effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "globalThis.injected = true";
      document.body.append(script);
      document.body.insertAdjacentHTML(
        "beforeend",
        `<img src="${elsewhere}/icon.svg" onerror="globalThis.injected = true" /><style>h1 { color: red }</style>`,
      );
      await fetch(`${elsewhere}/icon.svg`).catch(() => undefined);
      await new Promise((later) => setTimeout(later, 200));
      return violations;
    }, elsewhere.origin);
    expect([...new Set(refused)].toSorted()).toEqual([
      "connect-src",
      "img-src",
      "script-src-attr",
      "script-src-elem",
      "style-src-elem",
    ]);
    expect(await own.evaluate(() => "injected" in globalThis)).toBe(false);
    await own.close();
  });
});

describe.skipIf(!browserPath)(`a student in whole numbers in Chromium${reason}`, () => {
  const { network, description } = wholeStudent();
  const bits = [...interpret(network, normalised(noise(32, 32)))];
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const { files } = await integerWebStudent(network, description);
    const place = await mkdtemp(join(folder, "whole-"));
    await Promise.all([...files].map(([name, bytes]) => writeFile(join(place, name), bytes)));
    await writeFile(
      join(place, "test-page.js"),
      `import { load } from "./student.js"; globalThis.student = await load();`,
    );
    await writeFile(join(place, "test.html"), "<!doctype html><title>A student</title>");
    [server, browser] = await Promise.all([serve(place, { isolated: false, policy }), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** What it says, and which modules were asked for. `before`: what the page is told first. */
  async function answer(before: () => void): Promise<{ logits: readonly number[]; modules: readonly string[] }> {
    const page = await browser.newPage();
    const modules: string[] = [];
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.endsWith(".wasm")) modules.push(pathname);
    });
    await page.goto(`${server.origin}/test.html`);
    await page.evaluate(before);
    await page.addScriptTag({ url: "/test-page.js", type: "module" });
    await page.waitForFunction(() => "student" in globalThis);
    const { data, width, height } = noise(32, 32);
    const logits = await page.evaluate(
      ({ data, width, height }) => [...student.logits(new ImageData(Uint8ClampedArray.from(data), width, height))],
      { data: [...data], width, height },
    );
    await page.close();
    return { logits, modules };
  }

  test("takes the module for relaxed SIMD where there is some, and the interpreter's bits come of it", async () => {
    expect(await answer(() => {})).toEqual({ logits: bits, modules: ["/student.relaxed.wasm"] });
  });

  test("takes the other one where there is none, and the same bits come of it", async () => {
    const without = (): void => {
      WebAssembly.validate = () => false;
    };
    expect(await answer(without)).toEqual({ logits: bits, modules: ["/student.wasm"] });
  });
});
