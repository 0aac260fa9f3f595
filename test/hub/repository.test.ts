/** @file A repository of the hub in the cache: what is downloaded, what is used again, and what happens when something is wrong. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, readdir, readlink, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseHubName } from "../../src/data/hub-name.ts";
import { openRepository, type HubRepository } from "../../src/data/node/hub/repository.ts";
import { node } from "../cli/limbeck.ts";
import { temporaryFolder } from "../data/archive-server.ts";
import { commitOf, servedHub, TOKEN, type TestHub, type TestRepository } from "./hub-server.ts";

const large = Buffer.from(createHash("sha512").update("large").digest("hex").repeat(4000)); // 512,000 bytes
const files = { "config.json": '{"id2label": {}}', "README.md": "# Colours", "onnx/model.onnx": large };
const main = { revisions: { main: files } } satisfies TestRepository;
const paths = ["config.json", "onnx/model.onnx"];

let hub: TestHub;
let home: string;
let notes: string[];
beforeEach(async () => {
  hub = await servedHub({ "somebody/colours": main });
  home = await temporaryFolder();
  notes = [];
  for (const name of ["HF_TOKEN", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HF_HOME", home);
  vi.stubEnv("LIMBECK_CACHE", join(home, "limbeck"));
  vi.stubEnv("HF_ENDPOINT", hub.url);
});
afterEach(() => vi.unstubAllEnvs());

const opened = (name = "hf:somebody/colours"): Promise<HubRepository> =>
  openRepository(parseHubName(name), {
    type: "model",
    stallSeconds: 1,
    onProgress: ({ note }) => void (note !== undefined && notes.push(note)),
  });
const got = async (name?: string): Promise<HubRepository> => {
  const repository = await opened(name);
  await repository.get(paths);
  return repository;
};
const folder = (): string => join(home, "hub/models--somebody--colours");
const model = (): string => join(folder(), "snapshots", commitOf(files), "onnx/model.onnx");
const blob = (): string => join(folder(), "blobs", createHash("sha256").update(large).digest("hex"));
const downloads = (): readonly string[] => hub.requests.filter((request) => request.startsWith("CDN"));

test("files lie in the cache as Python's library has them, and come once", async () => {
  const repository = await got();
  expect(repository).toMatchObject({ commit: commitOf(files), notes: [], files: Object.keys(files) });
  expect(await readFile(join(folder(), "refs/main"), "utf8")).toBe(commitOf(files));
  expect(await readFile(model())).toEqual(large);
  expect(await readlink(model())).toBe(`../../../blobs/${createHash("sha256").update(large).digest("hex")}`);
  const config = join(repository.folder, "config.json");
  expect(await readlink(config)).toMatch(/^\.\.\/\.\.\/blobs\/[\da-f]{40}$/);
  expect(existsSync(join(repository.folder, "README.md"))).toBe(false);
  expect((await readdir(join(folder(), "blobs"))).sort()).toEqual(
    (await Promise.all([model(), config].map((path) => realpath(path)))).map((path) => path.split("/").at(-1)).sort(),
  );
  hub.requests.length = 0;
  await got();
  expect(hub.requests.filter((request) => /resolve|CDN/.test(request))).toEqual([]);
});

test("a revision is a branch, a tag or a commit", async () => {
  const old = { ...files, "config.json": "{}" };
  hub.repositories.set("somebody/colours", { revisions: { main: files, "refs/pr/1": old } });
  const request = await got("hf:somebody/colours@refs/pr/1");
  expect(request.commit).toBe(commitOf(old));
  expect(await readFile(join(request.folder, "config.json"), "utf8")).toBe("{}");
  expect((await got(`hf:somebody/colours@${commitOf(files)}`)).commit).toBe(commitOf(files));
  await expect(opened("hf:somebody/colours@v2")).rejects.toMatchObject({
    code: "DATA_MISSING",
    message: expect.stringMatching(/^hf:somebody\/colours has no revision v2; http.* lists its branches/),
  });
});

test("offline, and where the hub is away, the commit that was seen last is used", async () => {
  await got();
  await hub.stop();
  const away = await got();
  expect(away.commit).toBe(commitOf(files));
  expect(away.notes).toEqual([
    expect.stringMatching(/cannot be reached \(.*ECONNREFUSED.*\), so its files in the cache are used, of the commit/),
  ]);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  const offline = await got();
  expect(offline.notes).toEqual([expect.stringContaining("HF_HUB_OFFLINE is set, so its files")]);
  await expect(offline.get(["README.md"])).rejects.toMatchObject({
    code: "DATA_MISSING",
    message: expect.stringContaining("has no README.md in the cache"),
  });
  await expect(opened("hf:somebody/else")).rejects.toMatchObject({
    code: "DATA_MISSING",
    message: expect.stringMatching(/not in the cache at main, .*unset it/),
  });
  vi.stubEnv("HF_HUB_OFFLINE", undefined);
  await expect(opened("hf:somebody/else")).rejects.toMatchObject({
    code: "DOWNLOAD",
    message: expect.stringMatching(/cannot be reached.*; try again/),
  });
});

test.each([
  [
    "gated, without a token",
    "gated",
    undefined,
    "DOWNLOAD",
    /is gated: .*agree to them at http.*\/somebody\/secret, and set HF_TOKEN/,
  ],
  [
    "private, without a token",
    "private",
    undefined,
    "DATA_MISSING",
    /is not on the hub, http.*; check its name, or set HF_TOKEN to a token if it is private/,
  ],
  [
    "private, with another token",
    "private",
    "hf_other",
    "DOWNLOAD",
    /does not know the token; set HF_TOKEN to another/,
  ],
] as const)("a repository that is %s", async (_, access, token, code, text) => {
  hub.repositories.set("somebody/secret", { ...main, access });
  vi.stubEnv("HF_TOKEN", token);
  const failure = await got("hf:somebody/secret").catch((error: unknown) => error as Error & { code: string });
  expect(failure).toMatchObject({ code, message: expect.stringMatching(text) });
  expect(`${(failure as Error).stack}`).not.toContain("hf_other");
});

test("the token opens what is gated or private, from the environment or as its tools saved it, and goes to the hub only", async () => {
  for (const access of ["gated", "private"] as const) {
    hub.repositories.set(`somebody/${access}`, { ...main, access });
    vi.stubEnv("HF_TOKEN", access === "gated" ? ` ${TOKEN}\n` : undefined);
    await writeFile(join(home, "token"), TOKEN);
    await got(`hf:somebody/${access}`);
  }
  expect(downloads().length).toBe(2);
  expect(hub.leaked).toEqual([]);
  const written = await readdir(join(home, "hub"), { recursive: true, withFileTypes: true });
  for (const entry of written.filter((each) => each.isFile()))
    expect((await readFile(join(entry.parentPath, entry.name))).includes(TOKEN)).toBe(false);
});

test("a token that cannot be sent is refused, and not shown", async () => {
  vi.stubEnv("HF_TOKEN", "hf_sec\nret");
  const failure = await opened().catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ code: "ARGUMENT" });
  expect(`${(failure as Error).stack}`).not.toContain("sec");
});

test("a renamed repository is found, and its new name reported", async () => {
  hub.renamed.set("somebody/old", "somebody/colours");
  const { notes: found, commit } = await got("hf:somebody/old");
  expect(found).toEqual(["hf:somebody/old is called hf:somebody/colours by now"]);
  expect(existsSync(join(home, "hub/models--somebody--old/snapshots", commit, "onnx/model.onnx"))).toBe(true);
});

test("the hub may want fewer requests: it is waited for, but not for ever", async () => {
  let times = 0;
  hub.before = (request, response) => {
    if (!request.url!.includes("config.json") || times++ > 0) return false;
    response.writeHead(429, { "retry-after": "1" }).end();
    return true;
  };
  await got();
  expect(notes).toEqual([expect.stringContaining("the hub takes no more requests for 1 s; waiting")]);
  hub.before = (_, response) => {
    response.writeHead(429, { ratelimit: '"api";r=0;t=900' }).end();
    return true;
  };
  await expect(opened()).rejects.toMatchObject({
    code: "DOWNLOAD",
    message: expect.stringMatching(/no more requests for now; try again in 900 s, or set HF_TOKEN/),
  });
});

test("a cut connection is taken up where it was cut off", async () => {
  let times = 0;
  hub.beforeFile = (_, response, bytes) => {
    if (times++ > 0) return false;
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 500));
    return true;
  };
  await got();
  expect(downloads()).toEqual(["CDN whole", expect.stringMatching(/^CDN bytes=[1-9]\d*-$/)]);
  expect(await readFile(model())).toEqual(large);
});

test("a connection that is cut for ever leaves nothing that is used, and the next download goes on", async () => {
  hub.beforeFile = (_, response, bytes) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 300));
    return true;
  };
  const failed = {
    code: "DOWNLOAD",
    message: expect.stringMatching(
      /^model\.onnx could not be downloaded: .*; try again \(what came is kept: \d+ bytes, .*\.part\), or copy the cache/,
    ),
  };
  await expect(got()).rejects.toMatchObject(failed);
  expect(existsSync(model())).toBe(false);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  await expect(got(`hf:somebody/colours@${commitOf(files)}`)).rejects.toMatchObject({
    code: "DATA_MISSING",
    message: expect.stringContaining("nothing of a file that is not whole is used"),
  });
  vi.stubEnv("HF_HUB_OFFLINE", undefined);
  hub.beforeFile = () => false;
  hub.requests.length = 0;
  await got();
  expect(downloads()).toEqual([expect.stringMatching(/^CDN bytes=[1-9]\d*-$/)]);
  expect(await readFile(model())).toEqual(large);
});

test("other bytes than the hub lists are refused", async () => {
  hub.beforeFile = (_, response, bytes) => {
    response.writeHead(200, { "content-length": bytes.length }).end(randomBytes(bytes.length));
    return true;
  };
  await expect(got()).rejects.toMatchObject({ code: "CHECKSUM" });
  expect(existsSync(model())).toBe(false);
  expect(existsSync(blob())).toBe(false);
});

test("what is damaged in the cache, or was half-written by others, is downloaded again", async () => {
  await got();
  await writeFile(`${blob()}.incomplete`, "Python's");
  for (const damaged of [large.subarray(0, 5), randomBytes(large.length)]) {
    await rm(blob());
    await writeFile(blob(), damaged);
    await got();
    expect(await readFile(model())).toEqual(large);
  }
  expect((await lstat(model())).isSymbolicLink()).toBe(true);
});

test("a file that is in the cache already, of another commit or put there by Python, is linked", async () => {
  await mkdir(join(folder(), "blobs"), { recursive: true });
  await writeFile(blob(), large);
  await got();
  expect(downloads()).toEqual([]);
});

test("a repository too large for the disk is refused before anything is downloaded", async () => {
  const listed = JSON.stringify([
    {
      type: "file",
      path: "onnx/model.onnx",
      size: 2 ** 50,
      oid: "0".repeat(40),
      lfs: { oid: "0".repeat(64), size: 2 ** 50, pointerSize: 1 },
    },
  ]);
  hub.before = (request, response) => {
    if (!request.url!.includes("/tree/")) return false;
    response.writeHead(200, { "content-type": "application/json" }).end(listed);
    return true;
  };
  const repository = await opened();
  await expect(repository.get(["onnx/model.onnx"])).rejects.toMatchObject({
    code: "OUTPUT",
    message: expect.stringMatching(/needs 1073741824 MiB in .*, where \d+ MiB are free; .*HF_HUB_CACHE/),
  });
  expect(downloads()).toEqual([]);
});

test("paths that would lead out of the cache are left out", async () => {
  const listed = ["../../evil", "/etc/evil", "a/../../evil", "C:\\evil", "config.json"].map((path) => ({
    type: "file",
    path,
    size: 1,
    oid: "0".repeat(40),
  }));
  hub.before = (request, response) => {
    if (!request.url!.includes("/tree/")) return false;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(listed));
    return true;
  };
  expect((await opened()).files).toEqual(["config.json"]);
});

test("what is no hub is named", async () => {
  const answer = (type: string, text: string): void => {
    hub.before = (_, response) => {
      response.writeHead(200, { "content-type": type }).end(text);
      return true;
    };
  };
  answer("text/html", "<h1>Log in</h1>");
  await expect(opened()).rejects.toMatchObject({
    code: "DOWNLOAD",
    message: expect.stringContaining("answers otherwise than the hub"),
  });
  answer("application/json", "{}");
  await expect(opened()).rejects.toMatchObject({ code: "DOWNLOAD" });
});

test.each(["hf:", "hf:a/b/c", "hf:../b", "hf:a/b@", "hf:a/b@../c", "hf:a b"])("%s is no name", (name) => {
  expect(() => parseHubName(name)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
});

const child = fileURLToPath(new URL("get-repository.ts", import.meta.url));
const started = () =>
  spawn(node, [child, "hf:somebody/colours", ...paths], {
    env: { PATH: process.env["PATH"], HF_HOME: home, HF_ENDPOINT: hub.url, LIMBECK_CACHE: join(home, "limbeck") },
  });

test("two processes at once download a file once", async () => {
  hub.beforeFile = (_, response, bytes) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.end(bytes.subarray(1000)), 1500));
    return true;
  };
  const codes = [1, 2, 3].map(() => new Promise((resolve) => started().on("close", resolve)));
  expect(await Promise.all(codes)).toEqual([0, 0, 0]);
  expect(downloads()).toEqual(["CDN whole"]);
  expect(await readFile(model())).toEqual(large);
});

test("killed amid a download, the next one goes on, and nothing half-written was ever in place", async () => {
  const sent = new Promise<void>((resolve) => {
    hub.beforeFile = (_, response, bytes) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 100_000), () => setTimeout(resolve, 1000));
      return true;
    };
  });
  const process = started();
  await sent;
  await new Promise((resolve) => process.on("close", resolve) && process.kill("SIGKILL"));
  expect(existsSync(model())).toBe(false);
  hub.beforeFile = () => false;
  hub.requests.length = 0;
  await got();
  expect(downloads()).toEqual([expect.stringMatching(/^CDN bytes=[1-9]\d*-$/)]);
  expect(await readFile(model())).toEqual(large);
});
