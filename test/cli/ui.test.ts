/** @file `limbeck ui`: what its pages show of runs and studies, attacks on its server and by what lies in the folder, and its pages in a browser. */
import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import {
  cpSync,
  existsSync,
  readlinkSync,
  utimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeLock } from "../../src/data/node/lock.ts";
import { shapes } from "../../src/data/shapes.ts";
import { decodeCheckpoint } from "../../src/train/index.ts";
import { browserPath, brokenRules, noteComplaints, openBrowser } from "./browser.ts";
import { limbeck, main, node, type Outcome } from "./limbeck.ts";
import { request, type Reply, type RequestOptions } from "./request.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-ui-"));
const shots = process.env["LIMBECK_SCREENSHOTS"] ?? cwd;

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Showing {
  readonly child: Child;
  readonly address: string;
}
const children: Child[] = [];
let showing: Showing;

/** Shows a folder, once the address is printed. */
function show(folder: string): Promise<Showing> {
  const child = spawn(node, [main, "ui", folder, "--json"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  return new Promise((done, fail) => {
    child.stdout.once("data", (line: Buffer) => done({ child, ...JSON.parse(line.toString()) }));
    child.once("close", () => fail(new Error(said)));
  });
}

const fast = ["--threads", "1", "--limit", "64", "--batch-size", "16", "--no-latency"];
const done = async (args: readonly string[]): Promise<void> => {
  const { code, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
};

beforeAll(async () => {
  await done(["train", ...fast, "--epochs", "2", "--validation", "16", "--out", "runs/first"]);
  await done(["train", ...fast, "--epochs", "2", "--seed", "2", "--out", "runs/deep/er/second"]);
  writeFileSync(
    join(cwd, "study.yaml"),
    "name: pair\ndata: {dataset: shapes, limit: 64}\nteachers: {train: {model: LightNN, recipe: {epochs: 1}}}\nforce: true\nmethods: [kd]\nrecipe: {epochs: 1}\nseeds: 2\n",
  );
  await done(["study", "study.yaml", "--threads", "1", "--out", "runs/pair"]);
  showing = await show("runs");
}, 240_000);
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(cwd, { recursive: true });
});

const ask = (
  path: string,
  { address = showing.address, ...options }: RequestOptions & { readonly address?: string } = {},
): Promise<Reply> => request(address, path, options);
const base = ({ address }: Showing = showing): string => new URL(address).pathname;
const text = async (path: string): Promise<string> => (await ask(`${base()}${path}`)).body;

test("runs at any depth and studies are listed, with what they have found", async () => {
  const page = await text("");
  expect(page).toContain('<a href="run?id=first">first</a>');
  expect(page).toContain('<a href="run?id=deep%2Fer%2Fsecond">deep/er/second</a>');
  expect(page).toContain('<a href="study?id=pair">pair</a>');
  expect(page).toContain("Nothing is running: 1 study and 2 runs");
  const { runs } = JSON.parse(readFileSync(join(cwd, "runs/first/results.json"), "utf8"));
  expect(page).toContain(`${runs[0].testAccuracy.toFixed(2)}%`);
});

test("a run's page has its curves, a study's its table and its runs, runs that are chosen stand beside each other", async () => {
  const run = await text("run?id=first");
  const plots = JSON.parse(/id="curves">([^<]*)/.exec(run)![1]!).plots as { curves: { smooth: number[] }[] }[];
  expect(plots.flatMap(({ curves }) => curves.map(({ smooth }) => smooth.length))).toEqual([6, 2, 2]);
  const study = await text("study?id=pair");
  expect(study).toContain("pair: 5 of 5 runs done"); // the teacher is the student alone with seed 1, trained once
  expect(study).toContain(">student alone<");
  const [, id] = /href="run\?id=(pair%2Fruns%2Fkd[^"]*)"/.exec(study)!;
  expect(await text(`run?id=${id}`)).toContain("limbeck distill on shapes");
  const compared = await text("compare?run=first&run=deep/er/second");
  expect(compared).toContain("2 runs side by side");
  expect(compared).toContain("deep/er/second: LightNN alone");
});

test("the folder that is shown may itself be a run", async () => {
  const shown = await show("runs/first");
  const page = async (path: string): Promise<string> =>
    (await ask(base(shown) + path, { address: shown.address })).body;
  expect(await page("")).toContain('<a href="run?id=.">first</a>');
  expect(await page("run?id=.")).toContain("first: finished");
});

test("what has not changed is answered in a few bytes", async () => {
  const { headers } = await ask(base());
  const again = await ask(base(), { headers: { "if-none-match": headers["etag"]! } });
  expect([again.status, again.body]).toEqual([304, ""]);
});

test("only its own pages are there, with a strict policy, for those who know the token and name this host", async () => {
  const { status, headers, body } = await ask(base());
  expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; (?!.*unsafe)/);
  expect(body).not.toMatch(/<script(?! src="page\.js"| type="application\/json")|<style| style=| on\w+=/);
  const token = base().slice(1, -1);
  const wrong = ["/", `/${token}`, `/${token.slice(1)}/`, `/${token}x/`, "/page.js", `${base()}../page.js`].concat(
    ["..%2f..%2fpackage.json", "/etc/passwd", "constructor", "__proto__", "toString", "runs", "first"].map(
      (path) => base() + path,
    ),
  );
  for (const path of wrong) expect([path, (await ask(path)).status]).toEqual([path, 404]);
  for (const host of ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]"])
    expect([host, (await ask(base(), { headers: { host } })).status]).toEqual([host, 421]);
  for (const origin of ["null", "https://evil.example"])
    expect([origin, (await ask(base(), { headers: { origin } })).status]).toEqual([origin, 403]);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    expect([method, (await ask(base(), { method })).status]).toEqual([method, 405]);
});

test("no path leads out of the folder: not by its name, not by a link, not by what a study says its runs are", async () => {
  const paths = [
    "..",
    "../run",
    "first/..",
    "/etc",
    "first/model",
    ".",
    "",
    "__proto__",
    "pair/runs/..",
    "pair/runs/../../first",
    "first\0",
    "FIRST",
  ];
  for (const id of paths)
    for (const page of ["run", "study"])
      expect([page, id, (await ask(`${base()}${page}?id=${encodeURIComponent(id)}`)).status]).toEqual([page, id, 404]);

  const outside = mkdtempSync(join(tmpdir(), "limbeck-outside-"));
  const inside = join(cwd, "linked");
  try {
    cpSync(join(cwd, "runs/first"), join(outside, "run"), { recursive: true });
    cpSync(join(cwd, "runs/first"), join(inside, "own"), { recursive: true });
    cpSync(join(cwd, "runs/pair"), join(inside, "study"), { recursive: true });
    writeFileSync(join(outside, "secret"), '{"command":"secret words"}');
    symlinkSync(join(outside, "run"), join(inside, "link"));
    mkdirSync(join(inside, "file"));
    symlinkSync(join(outside, "secret"), join(inside, "file/config.json"));
    rmSync(join(inside, "own/model/run.json"));
    symlinkSync(join(outside, "run/model/run.json"), join(inside, "own/model/run.json"));
    const plan = JSON.parse(readFileSync(join(inside, "study/study.json"), "utf8"));
    plan.runs[0].id = "../../../../linked/own";
    plan.runs[1].id = "..";
    writeFileSync(join(inside, "study/study.json"), JSON.stringify(plan));
    const shown = await show("linked");
    const body = (await ask(base(shown), { address: shown.address })).body;
    expect(body).not.toContain("id=link");
    expect(body).not.toContain("secret");
    expect(body).toContain("1 study and 1 run<");
    const one = async (id: string): Promise<number> =>
      (await ask(`${base(shown)}run?id=${encodeURIComponent(id)}`, { address: shown.address })).status;
    const planned = JSON.parse(readFileSync(join(inside, "own/plan.json"), "utf8"));
    const network = { ...planned.runs[0], name: "../../runs/first/model", title: "elsewhere" };
    writeFileSync(join(inside, "own/plan.json"), JSON.stringify({ runs: [network] }));
    await new Promise((settle) => setTimeout(settle, 1000));
    expect((await ask(`${base(shown)}run?id=own`, { address: shown.address })).body).not.toContain("curves");
    for (const id of ["link", "file", "study/runs/../../../../linked/own", "study/runs/.."])
      expect([id, await one(id)]).toEqual([id, 404]);
    expect(await one("own")).toBe(200);
    symlinkSync(join(outside, "secret"), join(inside, "study/runs/link.json"));
    expect((await ask(`${base(shown)}study?id=study`, { address: shown.address })).body).not.toContain("secret words");
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test("what is damaged is said, as text, and the rest is shown; so is a folder that is not there yet", async () => {
  const folder = join(cwd, "damaged");
  const shown = await show("damaged");
  const page = async (path = ""): Promise<string> =>
    (await ask(`${base(shown)}${path}`, { address: shown.address })).body;
  expect(await page()).toContain("damaged does not exist yet");
  const hostile = "<img src=x onerror=alert(1)>";
  cpSync(join(cwd, "runs/first"), join(folder, "whole"), { recursive: true });
  for (const name of ["config", "results", "record", "log", "model", hostile])
    cpSync(join(cwd, "runs/first"), join(folder, name), { recursive: true });
  writeFileSync(join(folder, "config/config.json"), "{");
  writeFileSync(join(folder, "results/results.json"), '{"runs": 5, "__proto__": {"polluted": 1}}');
  writeFileSync(join(folder, "record/model/run.json"), '{"constructor": 1}');
  writeFileSync(join(folder, "log/model/steps.jsonl"), '{"step":1,"epoch":1,"terms":{"__proto__":1}}\n{"step":9}\n');
  writeFileSync(join(folder, "model/plan.json"), '{"runs": [{"name": "../../runs/first/model", "title": "<b>"}]}');
  const config = JSON.parse(readFileSync(join(folder, hostile, "config.json"), "utf8"));
  writeFileSync(
    join(folder, hostile, "config.json"),
    JSON.stringify({ ...config, command: hostile, dataset: "\u202e\u0000<script>" }),
  );
  mkdirSync(join(folder, "study"));
  writeFileSync(join(folder, "study/study.json"), '{"runs": "none"}');
  await new Promise((settle) => setTimeout(settle, 1000));
  const list = await page();
  expect(list).toContain('<a href="run?id=whole">whole</a>');
  for (const what of [
    "config.json is damaged",
    "results.json:\n  runs: expected a list, got 5",
    "study.json is damaged",
  ])
    expect(list).toContain(what);
  expect(list).not.toContain("<img");
  expect(list).not.toMatch(/[\u202e\0]|<script>/);
  expect(await page("run?id=record")).toContain("run.json");
  expect(await page("run?id=log")).toContain("log of batches is damaged");
  expect(await page("run?id=model")).toContain("plan.json:");
  expect(await page(`run?id=${encodeURIComponent(hostile)}`)).toContain("&lt;img");
  const compared = await page("compare?run=whole&run=record&run=results");
  expect(compared).toContain('class="caution"');
});

test("predictions on a few images are those of the weights that were saved last, and of a finished run's record", async () => {
  const args = ["train", ...fast, "--epochs"];
  const { code } = await limbeck([...args, "200", "--out", "runs/cut"], {
    cwd,
    onStderr: (said, child) => void (said.includes("epoch 3/") && child.kill("SIGTERM")),
  });
  expect(code).toBe(130);
  const model = join(cwd, "runs/cut/model");
  const saved = ["checkpoint-1", "checkpoint-2"].filter((name) => existsSync(join(model, name)));
  const positions = await Promise.all(saved.map(async (name) => decodeCheckpoint(readFileSync(join(model, name)))));
  const steps = Math.max(...positions.map(({ epochs, meter }) => epochs.length * 4 + meter.batches));
  // As many steps as that, and to the end: the same weights.
  await done([...args, String(steps / 4), "--out", "same"]);
  const { test: tested } = JSON.parse(readFileSync(join(cwd, "same/model/run.json"), "utf8"));
  const { test: split, classes } = shapes({ train: 64, test: 64 });
  const chosen = Array.from({ length: 12 }, (_, i) => Math.floor((i * 64) / 12));
  const shownOf = async (id: string): Promise<readonly (readonly string[])[]> => {
    for (;;) {
      const page = await text(`run?id=${id}&images`);
      const cells = (tag: string): string[] =>
        [...page.matchAll(new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`, "g"))].map(([, found]) => found!);
      expect(page).not.toContain("No predictions");
      if (page.includes(" right.")) return [cells("dd"), cells("strong")];
      await new Promise((settle) => setTimeout(settle, 200));
    }
  };
  const labels = chosen.map((i) => classes[split.labels[i]!]);
  expect(await shownOf("cut")).toEqual([chosen.map((i) => classes[tested.predictions[i]]), labels]);
  const { test: first } = JSON.parse(readFileSync(join(cwd, "runs/first/model/run.json"), "utf8"));
  expect(await shownOf("first")).toEqual([chosen.map((i) => classes[first.predictions[i]]), labels]);
  rmSync(join(cwd, "runs/cut"), { recursive: true });
}, 60_000);

/** What the page sends when a button is pressed. */
const press = (
  action: string,
  fields: unknown,
  headers: Record<string, string> = {},
  shown = showing,
): Promise<Reply> =>
  ask(`${base(shown)}${action}`, {
    method: "POST",
    body: typeof fields === "string" ? fields : JSON.stringify(fields),
    headers: { "content-type": "application/json", origin: new URL(shown.address).origin, ...headers },
    address: shown.address,
  });

test("actions are POSTs of this page alone, with fields and of a bounded size", async () => {
  for (const action of ["stop", "resume", "stop-study", "resume-study", "check", "start"]) {
    const path = `${base()}${action}`;
    const body = JSON.stringify({ id: "first" });
    const json = { "content-type": "application/json" };
    const { origin } = new URL(showing.address);
    const status = async (options: Parameters<typeof ask>[1]): Promise<number> => (await ask(path, options)).status;
    expect([action, await status({})]).toEqual([action, 405]);
    expect(await status({ method: "POST", body, headers: json })).toBe(403);
    expect(await status({ method: "POST", body, headers: { ...json, origin: "null" } })).toBe(403);
    expect(await status({ method: "POST", body, headers: { ...json, origin: "http://evil.example" } })).toBe(403);
    expect(await status({ method: "POST", body, headers: { origin, "content-type": "text/plain" } })).toBe(415);
    expect((await ask(path.replace(base(), "/"), { method: "POST", body, headers: { ...json, origin } })).status).toBe(
      404,
    );
    for (const fields of ["", "[]", "5", '{"id":5}', "{".repeat(99)])
      expect((await press(action, fields)).status).toBe(422);
    expect((await press(action, { id: "x".repeat(2 ** 17) })).status).toBe(413);
    expect((await press(action, { id: "../runs/first" })).status).toBe(422);
  }
  expect((await press("constructor", {})).status).toBe(404);
  expect((await press("stop", { id: "first" })).status).toBe(422);
  expect((await press("resume", { id: "first" })).status).toBe(422);
});

test("no process is stopped but the one that holds the run for sure, whatever a lock says", async () => {
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(bystander);
  const fieldsOf = (pid: number | undefined): string =>
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19]!;
  const place = `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  cpSync(join(cwd, "runs/first"), join(cwd, "runs/held"), { recursive: true });
  const { pid } = bystander;
  const honest = { token: "a", pid, host: "h", place, started: fieldsOf(pid) };
  const old = new Date(Date.now() - 60_000);
  const locks = [
    { ...honest, started: "1" },
    { ...honest, started: null },
    { ...honest, place: "another" },
    { ...honest, pid: -1 },
    { ...honest, pid: -pid! },
    { ...honest, pid: 0 },
    { ...honest, pid: 1 },
    { ...honest, pid: `${pid}` },
    { ...honest, pid: showing.child.pid, started: fieldsOf(showing.child.pid) },
    "[]",
  ];
  const lock = join(cwd, "runs/held/lock");
  while (!(await text("")).includes("run?id=held")) await new Promise((settle) => setTimeout(settle, 200));
  for (const content of locks) {
    writeFileSync(lock, JSON.stringify(content));
    expect([content, (await press("stop", { id: "held" })).status]).toEqual([content, 422]);
  }
  // Whoever wrote this does not renew it.
  writeFileSync(lock, JSON.stringify(honest));
  utimesSync(lock, old, old);
  expect((await press("stop", { id: "held" })).status).toBe(422);
  expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
  expect((await ask(base())).status).toBe(200);
  rmSync(join(cwd, "runs/held"), { recursive: true });
}, 60_000);

test("a study is checked with its lines, planned, and started in a process that outlives the page", async () => {
  const shown = await show("studies");
  const send = async (action: string, fields: object): Promise<string> =>
    JSON.parse((await press(action, fields, {}, shown)).body).text ??
    JSON.parse((await press(action, fields, {}, shown)).body).error.message;
  const wrong = await send("check", {
    name: "mine",
    description: "teachers: x\nmethods: [kd]\nreceipt: {epochs: 1}\n",
  });
  expect(wrong).toMatch(/^the study:\n.*unknown key "receipt"/s);
  expect(wrong).not.toContain(tmpdir());
  expect(await send("check", { name: "mine", description: "a: [" })).toMatch(/not YAML.*line 1/s);
  for (const name of ["", "..", "a/b", ".hidden", "-x", "a".repeat(65)])
    expect((await press("start", { name, description: "" }, {}, shown)).status).toBe(422);
  const description = readFileSync(join(cwd, "study.yaml"), "utf8");
  expect(await send("check", { name: "mine", description })).toContain("5 runs: 5 new");
  expect(existsSync(join(cwd, "studies"))).toBe(false);
  expect((await press("start", { name: "mine", description }, {}, shown)).body).toContain("was started");
  while (!existsSync(join(cwd, "studies/mine/study.json"))) await new Promise((settle) => setTimeout(settle, 100));
  shown.child.kill("SIGINT");
  await new Promise((settle) => shown.child.once("close", settle));
  const again = await show("studies");
  const page = async (): Promise<string> => (await ask(`${base(again)}study?id=mine`, { address: again.address })).body;
  while (!(await page()).includes("5 of 5 runs done")) await new Promise((settle) => setTimeout(settle, 500));
  expect((await press("start", { name: "mine", description }, {}, again)).body).toContain("is there already");
}, 120_000);

test("a study's workers are stopped also while they have no run; one that was killed is none", async () => {
  expect((await limbeck(["study", "study.yaml", "--out", "held/pair", "--plan-only"], { cwd })).code).toBe(0);
  const folder = join(cwd, "held/pair");
  const [{ id }] = JSON.parse(readFileSync(join(folder, "study.json"), "utf8")).runs;
  // All else waits for the teacher.
  const claim = await takeLock(join(folder, "runs", `${id}.lock`));
  const shown = await show("held");
  const page = async (): Promise<string> => (await ask(`${base(shown)}study?id=pair`, { address: shown.address })).body;
  const stop = (): Promise<Reply> => press("stop-study", { id: "pair" }, {}, shown);
  const worker = (whenWaiting: (child: ChildProcess) => unknown): Promise<Outcome> => {
    let isWaiting = false;
    return limbeck(["study", "work", "held/pair", "--threads", "1"], {
      cwd,
      onStderr: (stderr, child) => {
        if (isWaiting || !stderr.includes("waiting for them")) return;
        isWaiting = true;
        whenWaiting(child);
      },
    });
  };
  expect((await stop()).status).toBe(422);
  await worker((child) => child.kill("SIGKILL"));
  expect((await stop()).status).toBe(422);
  const said: string[] = [];
  const { code, stderr } = await worker(async () => {
    while (!(await page()).includes("Save and stop its workers here"))
      await new Promise((settle) => setTimeout(settle, 200));
    said.push((await stop()).body);
  });
  expect({ code, stderr, said }).toMatchObject({ code: 130, said: [expect.stringContaining("1 worker was asked")] });
  expect(readdirSync(join(folder, "workers"))).toEqual([]);
  await claim.release();
}, 60_000);

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`its pages in Chromium${reason}`, () => {
  let browser: Browser;
  const complaints: string[] = [];
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser?.close());

  async function open(
    path: string,
    { width = 1200, scheme = "light" as "light" | "dark", address = showing.address } = {},
  ): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    noteComplaints(page, complaints);
    await page.goto(address + path);
    return page;
  }

  test.each([
    [390, "dark"],
    [1200, "light"],
  ] as const)("%i wide, %s: every page fits and breaks no rule of axe", async (width, scheme) => {
    for (const [name, path] of [
      ["list", ""],
      ["run", "run?id=first&images"],
      ["study", "study?id=pair"],
      ["compare", "compare?run=first&run=deep/er/second"],
    ] as const) {
      const page = await open(path, { width, scheme });
      if (name === "run") await page.locator(".u-legend").first().waitFor();
      if (name === "run") await page.locator(".gallery img").first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.screenshot({ path: join(shots, `ui-${name}-${width}.png`), fullPage: true });
      expect([name, await brokenRules(page)]).toEqual([name, []]);
      expect(complaints.splice(0)).toEqual([]);
      await page.close();
    }
  });

  test("by keyboard: runs are ticked and compared; ticks and focus outlast an update", async () => {
    const page = await open("");
    const box = page.getByLabel("Compare first");
    await box.focus();
    await page.keyboard.press("Space");
    renameSync(join(cwd, "runs/deep/er/second"), join(cwd, "runs/third"));
    await page.getByLabel("Compare third").waitFor();
    expect(await box.isChecked()).toBe(true);
    renameSync(join(cwd, "runs/third"), join(cwd, "runs/deep/er/second"));
    await page.getByLabel("Compare deep/er/second").check();
    await page.getByRole("button", { name: "Compare" }).press("Enter");
    await page.getByRole("heading", { name: "2 runs side by side" }).waitFor();
    expect(complaints.splice(0)).toEqual([]);
    await page.close();
  });

  test(
    "a training is shown from its first steps on, stopped by the button, and goes on to the same bits",
    { timeout: 120_000 },
    async () => {
      const long = [
        "train",
        "--threads",
        "1",
        "--limit",
        "256",
        "--batch-size",
        "16",
        "--no-latency",
        "--epochs",
        "20",
        "--validation",
        "32",
      ];
      const whole = limbeck([...long, "--out", "whole"], { cwd });
      const page = await open("run?id=live");
      await page.goto(showing.address);
      const training = limbeck([...long, "--out", "runs/live"], { cwd });
      await page.getByRole("link", { name: "live", exact: true }).click();
      const [canvas] = [page.locator(".u-over").first()];
      await canvas.waitFor();
      const points = (): Promise<number> =>
        page
          .locator("#training details tbody tr")
          .count()
          .then((rows) => rows);
      await page.getByRole("heading", { name: /^live: running, epoch/ }).waitFor();
      const before = await points();
      await expect.poll(points, { timeout: 20_000 }).toBeGreaterThan(before);
      await page.screenshot({ path: join(shots, "ui-live.png"), fullPage: true });
      await page.getByRole("button", { name: "Save and stop" }).click();
      expect((await training).code).toBe(130);
      await page.getByRole("heading", { name: /^live: stopped, epoch/ }).waitFor();
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByRole("heading", { name: "live: finished" }).waitFor({ timeout: 60_000 });
      await page.screenshot({ path: join(shots, "ui-finished.png"), fullPage: true });
      expect((await whole).code).toBe(0);
      const bytes = (folder: string): Buffer => readFileSync(join(cwd, folder, "model/model.safetensors"));
      expect(bytes("runs/live").equals(bytes("whole"))).toBe(true);
      expect(readFileSync(join(cwd, "runs/live/model/steps.jsonl"), "utf8")).toBe(
        readFileSync(join(cwd, "whole/model/steps.jsonl"), "utf8"),
      );
      // Chromium itself reports that the run was not there yet.
      expect(complaints.splice(0).filter((text) => !text.includes("404"))).toEqual([]);
      await page.close();
    },
  );

  test("200 runs stay light: the list comes in a moment, and again in less", { timeout: 60_000 }, async () => {
    for (let i = 0; i < 200; i++) {
      mkdirSync(join(cwd, `many/run-${i}/model`), { recursive: true });
      for (const file of ["config.json", "plan.json", "results.json", "model/config.json", "model/run.json"])
        cpSync(join(cwd, "runs/first", file), join(cwd, `many/run-${i}`, file));
    }
    const shown = await show("many");
    const { body } = await ask(base(shown), { address: shown.address });
    expect(body.match(/<a href="run\?id=/g)).toHaveLength(200);
    expect(body.length).toBeLessThan(2 ** 18);
    const page = await open("", { address: shown.address, width: 390 });
    expect(await page.locator("tbody tr").count()).toBe(200);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.screenshot({ path: join(shots, "ui-200.png") });
    expect(complaints.splice(0)).toEqual([]);
    await page.close();
  });
});
