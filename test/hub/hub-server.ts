/**
 * @file A hub on 127.0.0.1, with the URLs, headers and errors of the real one: its API under `/api`, files under `resolve`, large ones on another host, the
 * "CDN", which answers ranges.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { listening } from "../browser/listening.ts";
import { sendFile } from "../data/archive-server.ts";

export interface HubFiles {
  readonly [path: string]: Uint8Array | string;
}

export interface TestRepository {
  readonly type?: "model" | "dataset";
  /** Files of each commit, by branch or tag. A commit's name follows from them. */
  readonly revisions: Readonly<Record<string, HubFiles>>;
  /** Who is let in. */
  readonly access?: "gated" | "private";
}

export interface TestHub {
  readonly url: string;
  /** What was asked for: `GET /api/…`. */
  readonly requests: string[];
  /** Authorisation headers that came to the CDN. */
  readonly leaked: string[];
  readonly repositories: Map<string, TestRepository>;
  /** Old names. */
  readonly renamed: Map<string, string>;
  /** Answers instead, if it returns true. */
  before: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The same for the CDN. */
  beforeFile: (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => boolean;
  stop(): Promise<void>;
}

export const TOKEN = "hf_letmein";
/** From this size on, files are on the CDN, with a SHA-256. */
const LARGE = 1000;
/** Of a listing. NOTE: the real hub has 1000; there is a next page here, too. */
const PAGE = 2;

const hash = (kind: "sha1" | "sha256", ...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((digest, part) => digest.update(part), createHash(kind)).digest("hex");
const gitName = (bytes: Uint8Array): string => hash("sha1", `blob ${bytes.length}\0`, bytes);

export function commitOf(files: HubFiles): string {
  return hash("sha1", ...Object.entries(files).flat());
}

/** Serves until it is stopped. */
export async function startHub(repositories: Readonly<Record<string, TestRepository>> = {}): Promise<TestHub> {
  const cdn = await listening((request, response) => {
    const bytes = blobs.get(new URL(request.url!, "http://cdn").pathname.slice(1));
    if (request.headers.authorization !== undefined) hub.leaked.push(request.headers.authorization);
    hub.requests.push(`CDN ${request.headers.range ?? "whole"}`);
    if (!bytes) return void response.writeHead(403).end();
    response.setHeader("etag", `"${hash("sha256", bytes)}"`);
    if (!hub.beforeFile(request, response, bytes)) sendFile(bytes)(request, response);
  });
  const blobs = new Map<string, Buffer>();
  const server = await listening((request, response) => {
    hub.requests.push(`${request.method} ${decodeURIComponent(request.url!.replace(/\?.*/, ""))}`);
    if (!hub.before(request, response)) answer(hub, blobs, cdn.origin, request, response);
  });
  const hub: TestHub = {
    url: server.origin,
    requests: [],
    leaked: [],
    repositories: new Map(Object.entries(repositories)),
    renamed: new Map(),
    before: () => false,
    beforeFile: () => false,
    async stop() {
      await Promise.all([server.close(), cdn.close()]);
    },
  };
  return hub;
}

/** Serves until the test ends. */
export async function servedHub(repositories?: Readonly<Record<string, TestRepository>>): Promise<TestHub> {
  const hub = await startHub(repositories);
  onTestFinished(() => hub.stop());
  return hub;
}

function answer(
  hub: TestHub,
  blobs: Map<string, Buffer>,
  cdn: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url!, hub.url);
  const path = url.pathname.split("/").slice(1).map(decodeURIComponent);
  const isApi = path[0] === "api";
  const type = (isApi ? path[1] === "datasets" : path[0] === "datasets") ? "dataset" : "model";
  const [owner, short, verb, ...rest] = path.slice(isApi ? 2 : type === "dataset" ? 1 : 0);
  const name = `${owner}/${short}`;
  const refuse = (status: number, code: string): void =>
    void response.writeHead(status, { "x-error-code": code, "x-error-message": "no" }).end();
  const now = hub.renamed.get(name);
  if (now !== undefined)
    return void response.writeHead(307, { location: request.url!.replace(name, now) }).end("Temporary Redirect");
  const repository = hub.repositories.get(name);
  const isIn = request.headers.authorization === `Bearer ${TOKEN}`;
  if (request.headers.authorization !== undefined && !isIn) return void response.writeHead(401).end();
  if (!repository || (repository.type ?? "model") !== type || (repository.access === "private" && !isIn))
    return refuse(isIn ? 404 : 401, "RepoNotFound");
  const revision = verb === "tree" || verb === "resolve" ? rest.shift()! : rest.join("/");
  const commits = Object.values(repository.revisions).map((files) => [commitOf(files), files] as const);
  const files = repository.revisions[revision] ?? commits.find(([commit]) => commit === revision)?.[1];
  if (!files) return refuse(404, "RevisionNotFound");
  const commit = commitOf(files);
  const send = (value: unknown, headers: Readonly<Record<string, string>> = {}): void =>
    void response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
  if (isApi && verb === "revision") {
    return send({
      _id: "621ffdc0",
      id: name,
      sha: commit,
      private: false,
      gated: repository.access === "gated" && "auto",
      downloads: 7,
      likes: 1,
      lastModified: "2026-12-01T00:00:00.000Z",
    });
  }
  if (isApi && verb === "tree") {
    const entries = Object.entries(files).map(([file, content]) => entryOf(file, Buffer.from(content)));
    const from = Number(url.searchParams.get("cursor") ?? 0);
    url.searchParams.set("cursor", String(from + PAGE));
    const link = from + PAGE < entries.length ? { link: `<${url.href}>; rel="next"` } : {};
    return send(entries.slice(from, from + PAGE), link);
  }
  if (repository.access === "gated" && !isIn) return refuse(401, "GatedRepo");
  const content = files[rest.join("/")];
  if (verb !== "resolve" || content === undefined) return refuse(404, "EntryNotFound");
  const bytes = Buffer.from(content);
  const { lfs, oid } = entryOf("", bytes);
  response.setHeader("x-repo-commit", commit);
  if (!lfs) {
    response.setHeader("etag", `"${oid}"`);
    response.setHeader("content-type", "text/plain; charset=utf-8");
    if (request.method !== "HEAD") return sendFile(bytes)(request, response);
    return void response.writeHead(200, { "content-length": bytes.length }).end();
  }
  blobs.set(lfs.oid, bytes);
  const linked = { "x-linked-etag": `"${lfs.oid}"`, "x-linked-size": String(bytes.length) };
  response.writeHead(302, { ...linked, location: `${cdn}/${lfs.oid}?Signature=x` }).end();
}

function entryOf(path: string, bytes: Buffer) {
  const file = { type: "file", path, size: bytes.length, oid: gitName(bytes) } as const;
  const oid = hash("sha256", bytes);
  return bytes.length < LARGE
    ? { ...file, lfs: undefined }
    : { ...file, lfs: { oid, size: bytes.length, pointerSize: 134 } };
}
