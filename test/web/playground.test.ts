/** @file The playground in a real browser, from the click to the student that the command line evaluates. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { imagePng } from "../../src/entries/report.ts";
import { shapes, splitOf, type Split } from "../../src/entries/index.ts";
import { loadModel, predict, wasmEngine } from "../../src/entries/infer.ts";
import type * as Student from "../../src/ship/web/files/student.d.ts";
import type { Server } from "../browser/listening.ts";
import { serve } from "../browser/server.ts";
import { browserPath, brokenRules, noteComplaints, openBrowser } from "../cli/browser.ts";
import { limbeck } from "../cli/limbeck.ts";
import { whyNoWebGpu } from "../engines/swiftshader.ts";
import { skipped } from "../engines/tested.ts";
import { buildPlayground, type Site } from "./site.ts";

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

/** A lesson of a second or two. */
const quick = "?teacher=LightNN&methods=kd&epochs=1&images=128";

/** LIMBECK_LONG=1 trains ten times in one page, and runs the example for a post as it stands. */
const isLong = process.env["LIMBECK_LONG"] === "1";
const trainings = isLong ? 10 : 3;

describe.skipIf(!browserPath)(`the playground${reason}`, () => {
  let site: Site;
  let isolated: Server;
  let plain: Server;
  let browser: Browser;
  /** One page for most tests, which has trained. */
  let page: Page;
  const complaints: string[] = [];
  const loaded = new Set<string>();

  beforeAll(async () => {
    site = await buildPlayground();
    isolated = await serve(site.folder, { isolated: true });
    plain = await serve(site.folder, { isolated: false });
    browser = await openBrowser(["--enable-blink-features=ForceEagerMeasureMemory"]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    noteComplaints(page, complaints);
    page.context().on("request", (request) => {
      if (!request.serviceWorker()) loaded.add(new URL(request.url()).pathname);
    });
    await visit(page, `${isolated.origin}/${quick}`);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([isolated?.close(), plain?.close(), site?.remove()]);
  });

  async function visit(page: Page, address: string): Promise<void> {
    await page.goto(address);
    await page
      .getByRole("button", { name: /^Start/ })
      .and(page.locator(":enabled"))
      .waitFor();
  }

  async function train(page: Page): Promise<void> {
    await page.getByRole("button", { name: /^Start/ }).click();
    await page.getByRole("status").getByText(/^Done/).waitFor();
  }

  async function download(button: string): Promise<string> {
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    return (await downloading).path();
  }

  function figures(page: Page): Promise<readonly string[]> {
    return page.locator(".figure").allTextContents();
  }

  test("has no violation of accessibility before a training", async () => {
    expect(await brokenRules(page)).toEqual([]);
  });

  test("one click trains three networks, and the command line evaluates the student to the accuracy shown", async () => {
    await train(page);
    const [, , shown] = await figures(page);
    const file = await download("Weights of Soft targets");
    const { code, stdout } = await limbeck(["evaluate", file, "--limit", "500", "--json", "--threads", "1"]);
    expect(code).toBe(0);
    const { accuracy } = JSON.parse(stdout) as { readonly accuracy: number };
    expect(shown).toMatch(new RegExp(`^${accuracy.toFixed(1)} `));
    expect(await brokenRules(page)).toEqual([]);
  });

  test("loads less than 155 kB to come that far, compressed", async () => {
    const bytes = await Promise.all(
      [...loaded].map(
        async (path) => gzipSync(await readFile(join(site.folder, path === "/" ? "index.html" : path))).length,
      ),
    );
    const kilobytes = bytes.reduce((sum, length) => sum + length, 0) / 1000;
    expect(kilobytes).toBeLessThan(155);
  });

  test("bars of the soft targets follow the temperature, and confusions count every test picture", async () => {
    const widths = (): Promise<number[]> =>
      page
        .locator(".card td i.taught")
        .evaluateAll((bars) => bars.map((bar) => Number.parseFloat((bar as HTMLElement).style.width)));
    const slider = page.getByRole("slider");
    const at = async (temperature: string): Promise<number[]> => {
      await slider.fill(temperature);
      await expect.poll(() => page.locator(".slider output").textContent()).toBe(temperature);
      return widths();
    };
    const [hard, soft] = [await at("0.5"), await at("10")];
    expect(hard).toHaveLength(60);
    for (const shares of [hard, soft]) {
      for (let i = 0; i < 60; i += 10)
        expect(shares.slice(i, i + 10).reduce((sum, share) => sum + share)).toBeCloseTo(100, 0);
    }
    expect(Math.max(...soft)).toBeLessThan(Math.max(...hard));
    const counts = await page
      .getByRole("table", { name: /^Soft targets/ })
      .locator("td.right, td.wrong")
      .allTextContents();
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(500);
  });

  test("the student as a web page answers as the network does", async () => {
    const files = unzipSync(await readFile(await download("Web page of Soft targets")));
    const folder = join(site.folder, "student");
    await mkdir(folder);
    await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
    const { load } = (await import(join(folder, "student.js"))) as typeof Student;
    const student = await load({ wasm: files["student.wasm"]!, weights: files["weights.bin"]! });
    const data = rgba(shapes({ train: 1, test: 1 }).test.image(0));
    const engine = await wasmEngine({ threads: 1 });
    const network = await loadModel(await readFile(await download("Weights of Soft targets")), engine);
    const [expected] = await predict(network, { data, width: 32, height: 32 });
    await engine.close();
    const answers = student.classify({ data, width: 32, height: 32 });
    expect(answers[0]!.name).toBe(expected.name);
    expect(answers[0]!.probability).toBeCloseTo(expected.probability, 5);
  });

  test("a file is opened again and asked about a picture and a drawing; damaged ones are told in words", async () => {
    const buffer = await readFile(await download("Weights of Soft targets"));
    const open = page.getByLabel("Open a weights file");
    await open.setInputFiles({ name: "no.safetensors", mimeType: "", buffer: Buffer.from("no weights") });
    await page
      .getByRole("alert")
      .getByText(/safetensors/)
      .waitFor();
    await open.setInputFiles({ name: "mine.safetensors", mimeType: "", buffer });
    await page.getByText("LightNN, 10 classes").waitFor();
    const split = shapes({ train: 1, test: 1 }).test;
    await page.getByRole("button", { name: "Choose a picture" }).setInputFiles(png(split, 0));
    const answers = page.locator(".answers li");
    await answers.first().waitFor();
    const engine = await wasmEngine({ threads: 1 });
    const [expected] = await predict(await loadModel(buffer, engine), {
      data: split.image(0),
      width: 32,
      height: 32,
      layout: "planes",
    });
    await engine.close();
    const { name, probability } = expected;
    expect(await answers.first().textContent()).toBe(`${name}${(100 * probability).toFixed(1)} %`);
    const before = await answers.allTextContents();
    const { x, y } = (await page.locator("canvas.sketch").boundingBox())!;
    await page.mouse.move(x + 50, y + 50);
    await page.mouse.down();
    await page.mouse.move(x + 150, y + 90);
    await page.mouse.up();
    await expect.poll(() => answers.allTextContents()).not.toEqual(before);
    await page.getByRole("button", { name: "Use the camera" }).click();
    await page
      .getByRole("alert")
      .getByText(/Choose a picture instead/)
      .waitFor();
  });

  test("pictures of one's own are taught in place of shapes", async () => {
    await page.getByText("Your own pictures instead").click();
    const split = shapes({ train: 1, test: 100 }).test;
    for (const [row, label] of [0, 7].entries()) {
      const places = [...split.labels.keys()].filter((i) => split.labels[i] === label);
      await page.getByLabel(`Name of class ${row + 1}`).fill(["disc", "checks"][row]!);
      await page
        .getByLabel("Add pictures")
        .nth(row)
        .setInputFiles(places.map((i) => png(split, i)));
    }
    await page.getByText("10 pictures").nth(1).waitFor();
    await train(page);
    expect(
      await page
        .getByRole("table", { name: /^Soft targets/ })
        .locator("tbody th")
        .allTextContents(),
    ).toEqual(["disc", "checks"]);
    await page.getByRole("button", { name: "Back to shapes" }).click();
  });

  test("pictures that cannot be read are left out by name; what few pictures say is said with its doubt", async () => {
    const other = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    other.on("console", (message) => complaints.push(message.text()));
    await visit(other, `${isolated.origin}/?teacher=LightNN&student=LightNN&methods=kd&epochs=10`);
    await other.getByText("Your own pictures instead").click();
    const add = (row: number, files: readonly PictureFile[]): Promise<void> =>
      other
        .getByLabel("Add pictures")
        .nth(row)
        .setInputFiles([...files]);
    const [dark, bright] = [0, 255].map((grey) => Array.from({ length: 40 }, (_, i) => plainPng(grey, i)));
    const broken = [
      { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") },
    ];
    await other.getByLabel("Name of class 1").fill("night");
    await add(0, [broken[0]!]);
    await add(1, bright!);
    await other.getByRole("button", { name: /^Start/ }).click();
    await other
      .getByText("night should have two pictures or more, one to learn from and one to test on, got 0")
      .waitFor();
    // The first picture is held out, and shows what the other class does: nobody can be right about it.
    await add(0, [plainPng(255, 99), ...dark!, broken[1]!]);
    await train(other);
    const leftOut = other.getByRole("alert").filter({ hasText: "2 files are left out" });
    expect(await leftOut.getByRole("listitem").allTextContents()).toEqual([
      expect.stringMatching(/^night: broken\.png should be a picture that this browser can decode/),
      expect.stringMatching(/^night: notes\.txt should be a picture that this browser can decode/),
    ]);
    // Of 41 and 40 pictures, 9 and 8 are held out.
    expect((await figures(other))[0]).toMatch(/^94\.1 /);
    expect(await other.getByText(/better than guessing/).count()).toBe(0);
    expect(await other.getByRole("status").first().textContent()).toMatch(
      /^Done\. Of 17 test pictures, the student taught by soft targets gets 94\.1 % right, and alone 94\.1 %: \+0\.0 points, with a 95 % interval of −1\d\.\d to \+1\d\.\d\. The interval holds 0, so the difference may be chance\. Another seed gives other figures\.$/,
    );
    expect(await other.getByText("about 17 pictures that none was trained on").count()).toBe(1);
    await other.close();
  });

  test("the caveat of chance stands where the interval holds 0, and that of a choice where there is one", async () => {
    const other = await browser.newPage();
    await visit(other, `${isolated.origin}/?teacher=LightNN&methods=kd+at&epochs=2&images=512`);
    await train(other);
    const [, alone, taught] = (await figures(other)).map((text) => Number.parseFloat(text));
    const said = await other.getByRole("status").first().textContent();
    expect(said).toMatch(
      /^Done\. Of 500 test pictures, .* The best of 2 methods was picked on these pictures, which flatters it\.$/,
    );
    const [, low, high] = /interval of (\S+) to (\S+)\./.exec(said!)!.map((text) => Number(text.replace("−", "-")));
    expect(said!.includes("may be chance")).toBe(low! <= 0 && high! >= 0);
    expect(await other.locator(".taught .figure").textContent()).toContain(
      `${taught! < alone! ? "−" : "+"}${Math.abs(taught! - alone!).toFixed(1)} points`,
    );
    await other.close();
  });

  test("numbers that cannot be trained with are refused in the field and beside the button", async () => {
    const other = await browser.newPage();
    await visit(other, `${isolated.origin}/`);
    const start = other.getByRole("button", { name: "Start" });
    for (const [field, limits, good] of [
      ["Epochs", "a whole number from 1 to 100", "1"],
      ["Pictures", "a whole number from 128 to 32,768", "128"],
    ] as const) {
      const input = other.getByRole("spinbutton", { name: field, exact: true });
      for (const wrong of ["0", "", "99999999", "1.5"]) {
        await input.fill(wrong);
        await other.getByRole("status").getByText(`${field} should be ${limits}.`).waitFor();
        await other.locator(".field").getByText(`Should be ${limits}.`).waitFor();
        expect(await input.inputValue()).toBe(wrong);
        expect(await start.isDisabled()).toBe(true);
      }
      await input.fill(good);
      await other.getByRole("status").getByText("should be").waitFor({ state: "detached" });
      expect(await start.isEnabled()).toBe(true);
    }
    await other.goto(`${isolated.origin}/?epochs=0&kd.temperature=-1`);
    await other
      .getByText("Epochs should be a whole number from 1 to 100. Soft targets, temperature should be")
      .waitFor();
    expect(await other.getByRole("spinbutton", { name: "Epochs", exact: true }).inputValue()).toBe("0");
    expect(await start.isDisabled()).toBe(true);
    await other.close();
  });

  test("its policy keeps out what is inline and what is of other hosts", async () => {
    const other = await browser.newPage();
    await visit(other, `${isolated.origin}/`);
    const refused = await other.evaluate(async (elsewhere) => {
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
    }, plain.origin);
    expect([...new Set(refused)].toSorted()).toEqual([
      "connect-src",
      "img-src",
      "script-src-attr",
      "script-src-elem",
      "style-src-elem",
    ]);
    expect(await other.evaluate(() => "injected" in globalThis)).toBe(false);
    await other.close();
  });

  test("a training is paused, goes on in a hidden tab, and is stopped", async () => {
    await page.getByLabel("Epochs").fill("100");
    await page.getByLabel("Epochs").blur();
    await expect.poll(() => page.url()).toContain("epochs=100");
    await page.getByRole("button", { name: /^Start/ }).click();
    await page.getByText(/images a second/).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("status").getByText("Paused.").waitFor();
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText(/went on while this tab was hidden/).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("status").getByText("Stopped.").waitFor();
  });

  test("settings of a link are restored", async () => {
    await visit(
      page,
      `${isolated.origin}/?teacher=resnet8&student=resnet14&methods=at+kd&kd.temperature=4&epochs=7&seed=3`,
    );
    expect(await page.getByRole("combobox", { name: "Teacher" }).inputValue()).toBe("resnet8");
    expect(await page.getByRole("combobox", { name: "Student" }).inputValue()).toBe("resnet14");
    expect(await page.getByLabel("Epochs").inputValue()).toBe("7");
    expect(await page.getByLabel("Attention transfer", { exact: true }).isChecked()).toBe(true);
    await page.getByText("Temperature and weights").click();
    expect(await page.getByRole("group", { name: "Soft targets" }).getByLabel("temperature").inputValue()).toBe("4");
  });

  test(`memory is steady over ${trainings} trainings`, async () => {
    await visit(page, `${isolated.origin}/${quick}`);
    const used: number[] = [];
    for (let i = 0; i < trainings; i++) {
      await train(page);
      used.push(await memoryOf(page.context(), page));
    }
    expect(used.at(-1)! - used[0]!).toBeLessThan(2e6 * trainings);
  });

  test("the example for a post works as docs/playground.md shows it", async () => {
    const guide = await readFile(new URL("../../docs/playground.md", import.meta.url), "utf8");
    const example = await readFile(join(site.folder, "post.html"), "utf8");
    expect(guide).toContain(`\`\`\`html\n${example}\`\`\``);
    expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
    const post = await browser.newPage();
    post.on("pageerror", (error) => complaints.push(String(error)));
    const short = example.replace("train: 1024", "train: 128").replace("DeepNN", "LightNN");
    const body = isLong ? example : short;
    await post.route("**/post.html", (route) => route.fulfill({ contentType: "text/html", body }));
    await post.goto(`${plain.origin}/post.html`);
    await post.getByRole("button").click();
    await post.getByText(/^taught: [\d.]+ % right$/).waitFor();
    expect(await post.getByRole("listitem").count()).toBe(3);
    await post.close();
  });

  test("a worker that cannot be loaded is told, and the next start takes a new one", async () => {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const other = await context.newPage();
    await context.route("**/training-*.js", (route) => route.abort());
    await other.goto(`${isolated.origin}/${quick}`);
    await other.getByRole("alert").getByText("The worker ended: it could not be loaded.").waitFor();
    await context.unroute("**/training-*.js");
    await train(other);
    expect(await other.getByRole("alert").count()).toBe(0);
    await context.close();
  });

  test("nothing was complained of", () => {
    expect(complaints).toEqual([]);
  });

  test("without shared memory and without WebGPU it trains on one thread to the same numbers, says so, and comes back without a network", async () => {
    const expected = await figures(page);
    const context = await browser.newContext();
    const other = await context.newPage();
    await visit(other, `${plain.origin}/${quick}&engine=webgpu`);
    await train(other);
    expect(await figures(other)).toEqual(expected);
    const notes = await other.locator("footer").textContent();
    expect(notes).toMatch(/the graphics card cannot: .*may not share memory/);
    await other.evaluate(async () => void (await navigator.serviceWorker.ready));
    await context.setOffline(true);
    await visit(other, `${plain.origin}/${quick}`);
    // The service worker's headers isolate the page.
    expect(await other.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await train(other);
    expect(await figures(other)).toEqual(expected);
    await context.close();
  });
});

const noGpu = browserPath ? (isLong ? whyNoWebGpu : "with LIMBECK_LONG=1 alone") : "no Chromium found, set CHROME_PATH";

test.skipIf(noGpu)(
  skipped("the playground on a graphics card that is lost in the middle begins again on the processors", noGpu),
  async () => {
    const site = await buildPlayground();
    const assets = join(site.folder, "assets");
    const name = (await readdir(assets)).find((name) => name.startsWith("training-"))!;
    await writeFile(join(assets, name), `{ (${loseDevice})(20) }\n${await readFile(join(assets, name), "utf8")}`);
    const server = await serve(site.folder, { isolated: true });
    const browser = await openBrowser(["--enable-unsafe-webgpu", "--enable-dawn-features=disable_workgroup_init"]);
    onTestFinished(async () => {
      await browser.close();
      await Promise.all([server.close(), site.remove()]);
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(`${server.origin}/${quick}&engine=webgpu`);
    await page
      .getByRole("button", { name: /^Start/ })
      .and(page.locator(":enabled"))
      .click();
    await page.getByText(/graphics card gave up .*The processors began again/).waitFor();
    await page.getByRole("status").getByText(/^Done/).waitFor();
    expect(await page.locator("footer").textContent()).toContain("wasm");
  },
  300_000,
);

/** In the page's worker: each device is destroyed after so many submissions. */
function loseDevice(after: number): void {
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function requestDevice(...options) {
    const device = await request.apply(this, options);
    const { queue } = device;
    const submit = queue.submit.bind(queue);
    let left = after;
    queue.submit = (buffers) => {
      submit(buffers);
      if (--left === 0) device.destroy();
    };
    return device;
  };
}

/** Bytes that the page and its workers hold, after garbage is collected. */
async function memoryOf(context: BrowserContext, page: Page): Promise<number> {
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
  const { bytes } = await page.evaluate(() =>
    (
      performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> }
    ).measureUserAgentSpecificMemory(),
  );
  return bytes;
}

interface PictureFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

function png(split: Split, i: number): PictureFile {
  return { name: `${i}.png`, mimeType: "image/png", buffer: Buffer.from(imagePng(split, [3, 32, 32], i)) };
}

/** A picture of one grey, but for a few pixels. */
function plainPng(grey: number, name: number): PictureFile {
  const pixels = new Uint8Array(3 * 32 * 32).fill(grey).fill(128, 0, name);
  return { ...png(splitOf({ pixels, labels: Uint8Array.of(0) }), 0), name: `${grey}-${name}.png` };
}

/** Pixels as a canvas has them. */
function rgba(planes: Uint8Array): Uint8ClampedArray {
  const plane = planes.length / 3;
  return Uint8ClampedArray.from({ length: 4 * plane }, (_, i) =>
    i % 4 === 3 ? 255 : planes[(i % 4) * plane + (i >> 2)]!,
  );
}
