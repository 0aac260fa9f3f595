/** @file examples/hono: a real server, asked over the loopback, answers what `limbeck predict` answers. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { node } from "../cli/limbeck.ts";
import { project, type Project } from "./project.ts";

let hono: Project;
let server: ChildProcess;
let address: string;

beforeAll(async () => {
  hono = await project("hono");
  const child = spawn(node, ["server.ts", hono.weights, "0"], {
    cwd: hono.folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  server = child;
  [address] = (await once(createInterface(child.stdout), "line")) as [string];
});
afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  await hono?.remove();
});

async function upload(bytes: Uint8Array): Promise<Response> {
  const form = new FormData();
  form.set("picture", new File([new Uint8Array(bytes)], "picture"));
  return fetch(address, { method: "POST", body: form });
}

test("an uploaded picture is answered with its classes, many at once each with its own", async () => {
  const answers = await Promise.all(
    [...hono.pictures, ...hono.pictures].map(async (path) => (await upload(await readFile(path))).json()),
  );
  expect(answers).toEqual([...hono.expected, ...hono.expected].map((classes) => ({ classes })));
});

test("what is no picture is answered with the reason", async () => {
  const whole = await readFile(hono.pictures[0]!);
  for (const bytes of [new TextEncoder().encode("hello"), whole.subarray(0, 200)]) {
    const response = await upload(bytes);
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: expect.stringContaining("should be a whole picture") },
    ]);
  }
  const empty = await fetch(address, { method: "POST", body: new FormData() });
  expect([empty.status, await empty.json()]).toEqual([400, { error: expect.stringContaining("picture") }]);
  expect((await upload(new Uint8Array(11 * 2 ** 20))).status).toBe(413);
  expect((await upload(whole)).status).toBe(200);
});
