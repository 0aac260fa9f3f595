/** @file `limbeck serve`: its page in a browser, its answers beside those of `limbeck predict`, and attacks on its server. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePng } from "../../src/data/png.ts";
import { shapes } from "../../src/data/shapes.ts";
import { browserPath, brokenRules, noteComplaints, openBrowser } from "./browser.ts";
import { colourTeacher } from "./colour-teacher.ts";
import { limbeck, main, node } from "./limbeck.ts";
import { request, type Reply, type RequestOptions } from "./request.ts";
import { photo, photoClasses, writePhotos } from "./write-photos.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-serve-"));
const { test: images, shape } = shapes({ train: 1, test: 16 });
const png = Buffer.from(imagePng(images, shape, 3));

interface Serving {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly address: string;
  readonly networks: readonly { readonly title: string; readonly weights: string; readonly classes: number }[];
  readonly missing: readonly string[];
  readonly stderr: () => string;
}
let serving: Serving;

/** Starts it and waits for its address. */
function start(args: readonly string[]): Promise<Serving> {
  const child = spawn(node, [main, "serve", ...args, "--json", "--threads", "1"], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  return new Promise((done, fail) => {
    child.stdout.once("data", (line: Buffer) => done({ child, stderr: () => said, ...JSON.parse(line.toString()) }));
    child.once("close", () => fail(new Error(said)));
  });
}

beforeAll(async () => {
  const fast = ["--threads", "1", "--limit", "16", "--batch-size", "8", "--epochs", "1"];
  const teacher = await limbeck(["train", ...fast, "--out", "teacher"], { cwd });
  expect(teacher.code, teacher.stderr).toBe(0);
  const args = ["distill", "--teacher", "teacher/model/model.safetensors", "--seed", "7", ...fast, "--out", "run"];
  const student = await limbeck(args, { cwd });
  expect(student.code, student.stderr).toBe(0);
  writeFileSync(join(cwd, "3.png"), png);
  serving = await start(["run"]);
}, 180_000);
afterAll(() => {
  serving?.child.kill("SIGKILL");
  rmSync(cwd, { recursive: true });
});

const ask = (path: string, options?: RequestOptions): Promise<Reply> => request(serving.address, path, options);
const base = (): string => new URL(serving.address).pathname;
const classify = (body: Uint8Array, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(`${base()}classify`, { method: "POST", body, headers });
const errorOf = ({ body }: Reply): { readonly code: string; readonly message: string } => JSON.parse(body).error;

test("the student and its teacher answer as limbeck predict does", async () => {
  expect(serving.networks).toEqual([
    { title: "Student (LightNN)", weights: "run/student/model.safetensors", classes: 10 },
    { title: "Teacher (LightNN)", weights: expect.stringMatching(/run\/teacher\/model\.safetensors$/), classes: 10 },
  ]);
  const { status, body } = await classify(png);
  expect(status).toBe(200);
  const { answers } = JSON.parse(body);
  expect(answers.map(({ title }: { title: string }) => title)).toEqual(["Student (LightNN)", "Teacher (LightNN)"]);
  for (const [i, run] of ["student", "teacher"].entries()) {
    const args = ["predict", `run/${run}`, "3.png", "--json", "--top", "5", "--threads", "1"];
    const { stdout } = await limbeck(args, { cwd });
    expect(answers[i].classes).toEqual(JSON.parse(stdout).pictures[0].classes);
  }
  expect(answers[0].classes).not.toEqual(answers[1].classes);
});

test("only its own files are there, with a strict policy, for those who know the token and name this host", async () => {
  const found = await ask(base());
  expect([found.status, found.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(found.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; (?!.*unsafe)/);
  expect(found.headers["x-content-type-options"]).toBe("nosniff");
  expect(found.headers["access-control-allow-origin"]).toBeUndefined();
  expect(found.body).not.toMatch(/<script(?! src="start\.js"| type="module" src="page\.js")|<style|style=| on\w+=/);
  const token = base().slice(1, -1);
  expect(token).toMatch(/^[\w-]{32}$/);
  const wrong = [
    "/",
    "//",
    "*",
    `/${token}`,
    `/${token.slice(1)}/`,
    `/${token}x/`,
    `/${token.toLowerCase()}!/`,
    `/page.js`,
    `${base()}../page.js`,
    `${base()}..%2f..%2fpackage.json`,
    `${base()}../../../../../../etc/passwd`,
    `${base()}/etc/passwd`,
    `${base()}constructor`,
    `${base()}__proto__`,
    `${base()}page.js/`,
    `${base()}page%2ejs`,
    `${base()}student.js`,
    `${base()}\\..\\..`,
    `http://example.org${base()}`,
  ];
  for (const path of wrong) expect([path, (await ask(path)).status]).toEqual([path, 404]);
  for (const host of ["evil.example", `evil.example:80`, "127.0.0.1", "127.0.0.1:1", "[::1]"]) {
    expect([host, (await ask(base(), { headers: { host } })).status]).toEqual([host, 421]);
  }
  expect(await raw(`GET ${base()} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 421 /);
  const { host, port } = new URL(serving.address);
  for (const origin of ["null", "https://evil.example", `https://${host}`, `http://localhost:${port}`]) {
    expect([origin, (await classify(png, { origin })).status]).toEqual([origin, 403]);
  }
  expect((await classify(png, { origin: `http://${host}` })).status).toBe(200);
  expect((await ask(base(), { headers: { host: `localhost:${port}` } })).status).toBe(200);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    expect([method, (await ask(base(), { method })).status]).toEqual([method, 405]);
  }
  expect((await ask(`${base()}classify`)).status).toBe(405);
  expect(await ask(`${base()}page.js`, { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
});

test("it listens on the loopback alone", async () => {
  const { port } = new URL(serving.address);
  const inode = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  const mine = inode.filter((line) =>
    line.includes(`:${Number(port).toString(16).toUpperCase().padStart(4, "0")} 00000000:0000`),
  );
  expect(mine.map((line) => line.trim().split(/\s+/)[1]!.split(":")[0])).toEqual(["0100007F"]);
});

test("what is no picture, is damaged or would fill the memory is refused with a code", async () => {
  const bomb = await sharp({
    create: { width: 9500, height: 9500, channels: 3, background: "black" },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 6 })
    .toBuffer();
  expect(bomb.length).toBeLessThan(2 ** 21);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>`;
  const bad = [Buffer.alloc(0), Buffer.from("hello"), Buffer.from(svg), png.subarray(0, 100), bomb];
  for (const bytes of bad) {
    const reply = await classify(bytes);
    expect([reply.status, errorOf(reply).code]).toEqual([422, "DATA_FORMAT"]);
    expect(errorOf(reply).message).toMatch(/^The file should/);
    expect(reply.body).not.toContain(cwd);
  }
  for (let i = 0; i < 40; i++) {
    const damaged = Buffer.from(png);
    for (let n = 0; n < 3; n++) damaged[8 + ((i * 7919 + n * 104_729) % (png.length - 8))]! ^= 1 << (i % 8);
    expect([200, 422]).toContain((await classify(damaged)).status);
  }
  expect((await classify(png)).status).toBe(200);
});

test.skipIf(process.platform !== "linux")(
  "memory stays bounded, whatever a picture's file is of",
  async () => {
    const own = await start(["run"]);
    const mebibytes = (): number =>
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${own.child.pid}/status`, "utf8"))![1]) / 1024;
    const blank = (side: number) =>
      sharp({ create: { width: side, height: side, channels: 3, background: "teal" }, limitInputPixels: false });
    const send = async (body: Buffer): Promise<readonly [number, string]> => {
      const reply = await fetch(`${own.address}classify`, { method: "POST", body: Uint8Array.from(body) });
      return [reply.status, await reply.text()];
    };
    expect((await send(png))[0]).toBe(200);
    const before = mebibytes();
    const grey = await blank(9000).toColourspace("b-w").png().toBuffer();
    for (let i = 0; i < 3; i++) expect((await send(grey))[0]).toBe(200);
    // 81 megapixels of one byte, once or, until it is collected, twice.
    expect(mebibytes() - before).toBeLessThan(250);
    const large = await blank(7500).png().toBuffer();
    for (let i = 0; i < 3; i++) expect((await send(large))[0]).toBe(200);
    // 322 MiB each, of which one may wait to be collected.
    expect(mebibytes() - before).toBeLessThan(800);
    for (const file of [blank(9000).png(), blank(7500).png({ progressive: true })]) {
      const [status, text] = await send(await file.toBuffer());
      expect([status, text]).toEqual([
        422,
        expect.stringContaining("The file should take at most 384 MiB to be decoded"),
      ]);
    }
    own.child.kill("SIGKILL");
  },
  180_000,
);

/** Writes raw text to the server; resolves with all that it answers until it closes the connection. */
function raw(text: string, more?: (write: (bytes: Uint8Array) => boolean) => void): Promise<string> {
  const socket = connect(Number(new URL(serving.address).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1").on("data", (part: string) => (answer += part));
  socket.write(text);
  more?.((bytes) => socket.write(bytes));
  return new Promise((done) => {
    socket.on("error", () => {}).on("close", () => done(answer));
  });
}
const head = (length: string): string =>
  `POST ${base()}classify HTTP/1.1\r\nHost: ${new URL(serving.address).host}\r\n${length}\r\n\r\n`;

test("a body that is too large is refused: by what it says, and by what comes", async () => {
  expect(await raw(head("Content-Length: 99999999999"))).toMatch(/^HTTP\/1\.1 413 /);
  const streamed = await raw(head("Transfer-Encoding: chunked"), (write) => {
    const part = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(2 ** 20), Buffer.from("\r\n")]);
    for (let i = 0; i < 17; i++) write(part);
  });
  expect(streamed).toMatch(/^HTTP\/1\.1 413 /);
  expect(streamed).toContain('"code":"DATA_FORMAT"');
});

test("a body that never comes ends in time, and holds nobody else up", { timeout: 90_000 }, async () => {
  const slow = raw(head("Content-Length: 1000"), (write) => write(Buffer.from("x")));
  expect((await classify(png)).status).toBe(200);
  expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
});

test("a hundred pictures at once: each gets its answer or is told to come again", async () => {
  const expected = (await classify(png)).body;
  const replies = await Promise.all(Array.from({ length: 100 }, () => classify(png)));
  for (const { status, headers, body } of replies) {
    if (status === 200) expect(body).toBe(expected);
    else expect([status, headers["retry-after"]]).toEqual([503, "1"]);
  }
  expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(16);
  expect((await classify(png)).body).toBe(expected);
});

test("a port that is taken is an error; Ctrl-C ends it at once, whoever is connected", async () => {
  const { port } = new URL(serving.address);
  const { code, stderr } = await limbeck(["serve", "run", "--port", port, "--threads", "1"], { cwd });
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`error ARGUMENT: port ${port} of 127.0.0.1 cannot be had`),
  ]);

  const other = await start(["run/student/model.safetensors"]);
  expect(other.address).not.toContain(base());
  const held = connect(Number(new URL(other.address).port), "127.0.0.1").on("error", () => {});
  await new Promise((done) => held.once("connect", done));
  const began = performance.now();
  const exit = new Promise((done) => other.child.once("close", done));
  other.child.kill("SIGINT");
  expect(await exit).toBe(0);
  expect(performance.now() - began).toBeLessThan(5000);
});

describe("a student of an ONNX file", () => {
  beforeAll(async () => {
    await writePhotos(join(cwd, "photos"), 8);
    writeFileSync(join(cwd, "colour.onnx"), colourTeacher());
    writeFileSync(join(cwd, "runtime.onnx"), colourTeacher({ isForRuntime: true }));
    const settings = "--size 8 --student resnet8 --batch-size 8 --threads 1 --epochs 1 --test 20%".split(" ");
    const teachers = ["--teacher", "colour.onnx", "--teacher", "runtime.onnx", "--teacher", "own"];
    const own = ["train", "photos", ...settings.toSpliced(2, 2, "--model", "resnet8"), "--out", "own"];
    for (const line of [own, ["distill", "photos", ...teachers, ...settings, "--out", "several"]]) {
      const { code, stderr } = await limbeck(line, { cwd, env: { LIMBECK_CACHE: join(cwd, "cache") } });
      expect(code, stderr).toBe(0);
    }
  }, 120_000);

  const classified = async ({ address }: Serving, body: Uint8Array<ArrayBuffer>): Promise<Answered> =>
    (await (await fetch(`${address}classify`, { method: "POST", body })).json()) as Answered;

  test("stands beside it, imported or run by ONNX Runtime, by the names of the student's classes", async () => {
    const found = await start(["several"]);
    expect(found.missing).toEqual([]);
    expect(found.networks.map(({ title, classes }) => [title, classes])).toEqual([
      ["Student (resnet8)", 3],
      ["Teacher 1 (colour)", 3],
      ["Teacher 2 (runtime)", 3],
      ["Teacher 3 (resnet8)", 3],
    ]);
    for (const kind of photoClasses) {
      const picture = await photo("a.png", kind, 99);
      const { answers } = await classified(found, Uint8Array.from(picture));
      expect(answers).toHaveLength(4);
      expect(answers.slice(1, 3).map(({ classes }) => classes[0]?.name)).toEqual([kind, kind]);
      // Averages of the whole picture, by the first teacher: of its four classes the student's three.
      expect(answers[1]!.classes.map(({ name }) => name).toSorted()).toEqual([...photoClasses].toSorted());
      expect(answers[1]!.classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
    }
    found.child.kill("SIGKILL");
  });

  test("that is gone, or another file now, is said to be missing, on the terminal and on the page", async () => {
    renameSync(join(cwd, "colour.onnx"), join(cwd, "away.onnx"));
    writeFileSync(join(cwd, "runtime.onnx"), colourTeacher({ isForRuntime: true, factor: 5 }));
    const found = await start(["several"]);
    expect(found.networks.map(({ title }) => title)).toEqual(["Student (resnet8)", "Teacher 3 (resnet8)"]);
    expect(found.missing).toEqual([
      expect.stringMatching(/^The teacher is not shown: .*colour\.onnx cannot be read/),
      expect.stringMatching(/^The teacher is not shown: .*runtime\.onnx.* are not what they were/),
    ]);
    for (const why of found.missing) expect(found.stderr()).toContain(why);
    const told = await (await fetch(`${found.address}networks`)).json();
    expect(told).toMatchObject({ missing: found.missing });
    found.child.kill("SIGKILL");
  });
});

interface Answered {
  readonly answers: readonly {
    readonly classes: readonly { readonly name: string; readonly probability: number }[];
  }[];
}

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`its page in Chromium${reason}`, () => {
  let browser: Browser;
  const complaints: string[] = [];
  beforeAll(async () => void (browser = await openBrowser(["--use-fake-device-for-media-stream"])));
  afterAll(() => browser?.close());

  async function open(width: number, colorScheme: "light" | "dark"): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    noteComplaints(page, complaints);
    await page.goto(serving.address);
    await page.getByText("Ready.").waitFor();
    return page;
  }
  const choose = (page: Page, name: string, buffer: Buffer): Promise<void> =>
    page.setInputFiles("#file", { name, mimeType: "image/png", buffer });

  test.each([
    [390, "dark"],
    [1280, "light"],
  ] as const)(
    "%i wide, %s: answers for a picture, says what is none, fits, breaks no rule of axe",
    async (width, scheme) => {
      const page = await open(width, scheme);
      await choose(page, "a.png", png);
      await page.getByText(/^Answered in/).waitFor();
      expect(await page.locator("#answers h2").allTextContents()).toEqual(["Student (LightNN)", "Teacher (LightNN)"]);
      const { answers } = JSON.parse((await classify(png)).body);
      const lists = answers.flatMap((answer: { classes: { name: string }[] }) =>
        answer.classes.map(({ name }) => name),
      );
      expect(await page.locator("#answers li span:first-child").allTextContents()).toEqual(lists);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.screenshot({ path: join(process.env["LIMBECK_SCREENSHOTS"] ?? cwd, `serve-${width}.png`) });
      expect(await brokenRules(page)).toEqual([]);
      expect(complaints.splice(0)).toEqual([]);

      await choose(page, "no.png", Buffer.from("hello"));
      await page.locator("#about.error").waitFor();
      expect(await page.locator("#about").textContent()).toMatch(/^The file should be a whole picture/);
      expect(await page.locator("#answers li").count()).toBe(0);
      // Chromium itself reports the status.
      expect(complaints.splice(0)).toEqual([expect.stringContaining("status of 422")]);
      await page.close();
    },
  );

  test("why a teacher is missing stands on the page, as text", async () => {
    const page = await browser.newPage();
    const missing = ["The teacher is not shown: <b>gone</b>"];
    await page.route("**/networks", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), missing } });
    });
    await page.goto(serving.address);
    await page.getByText("Ready.").waitFor();
    expect(await page.locator("main > p", { hasText: "not shown" }).textContent()).toBe(missing[0]);
    await page.close();
  });

  test("an answer that takes its time is waited for in words", async () => {
    const page = await open(390, "light");
    await page.getByText("It keeps none.").waitFor();
    await page.route("**/classify", (route) => setTimeout(() => route.continue(), 1500));
    await choose(page, "slow.png", png);
    await page.getByText("Looking at slow.png …").waitFor();
    await page.getByText(/^Answered in/).waitFor();
    expect(await page.locator("#answers h2").count()).toBe(2);
    await page.close();
  });

  test("by keyboard, and by the camera until that is stopped", async () => {
    const page = await open(390, "light");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement!.id)).toBe("file");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement!.id)).toBe("camera");
    await page.context().grantPermissions(["camera"]);
    await page.keyboard.press("Enter");
    await page.getByText("Looking through the camera.").waitFor();
    expect(await page.locator("#answers li").count()).toBe(10);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Use the camera" }).waitFor();
    expect(await page.locator("video").isVisible()).toBe(false);
    expect(complaints.splice(0)).toEqual([]);
    await page.close();
  });
});
