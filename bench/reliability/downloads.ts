/** @file Downloads from a server that fails in random ways: the right files or a coded error, and nothing else left behind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fetchArchive } from "../../src/data/node/archive.ts";
import type { Archive } from "../../src/data/node/unpack.ts";
import { Stream } from "../../src/data/stream.ts";
import { LimbeckError } from "../../src/errors.ts";
import { describeArchive, tar, tarEntry } from "../../test/data/tar-file.ts";
import type { Attack } from "./attack.ts";
import { answers, send, type Answer } from "./downloads/answers.ts";
import { pick } from "./mutate.ts";

/** Sets this use of a seed apart from others: "down" in ASCII. */
const KEY = 0x646f776e;
/** Far beyond what retries may add up to. */
const mostRequests = 12;
const stallSeconds = 0.1;

const content = Buffer.from(Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i) >> (i % 7)));
const whole = gzipSync(tar([tarEntry("pictures/a.bin", content), tarEntry("pictures/b.txt", Buffer.from("ok"))]));
const part = "pictures.tar.gz.part";

export const downloads: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  const site = await openSite();
  for (let i = 0; i < count; i++) {
    const cache = mkdtempSync(join(tmpdir(), "limbeck-downloads-"));
    try {
      const found = await attempt(site, cache, new Stream(seed, KEY, i));
      faults.push(...found.map((fault) => `download ${seed}.${i}: ${fault}`));
    } catch (error) {
      faults.push(`download ${seed}.${i}: ${String((error as Error).stack ?? error)}`);
    } finally {
      rmSync(cache, { recursive: true });
    }
    if (i % 20 === 0) onProgress?.(i);
  }
  site.server.closeAllConnections();
  site.server.close();
  return { tried: count, faults };
};

/** A server, and the answers that it is about to give; after them it gives the file. */
interface Site {
  readonly server: Server;
  readonly archive: Archive;
  waiting: { readonly answer: Answer; readonly random: Stream }[];
  requests: number;
}

async function openSite(): Promise<Site> {
  const site = { waiting: [], requests: 0 } as unknown as Site & { server: Server; archive: Archive };
  site.server = createServer((request, response) => {
    site.requests++;
    const next = site.waiting.shift();
    (next?.answer.give ?? send)(whole, request, response, next?.random ?? new Stream(0, 0, 0));
  });
  await new Promise<void>((resolve) => site.server.listen(0, "127.0.0.1", resolve));
  const { port } = site.server.address() as AddressInfo;
  site.archive = describeArchive(whole, `http://127.0.0.1:${port}/pictures.tar.gz`);
  return site;
}

/** One download with failures, then others without until one succeeds. */
async function attempt(site: Site, cache: string, random: Stream): Promise<string[]> {
  const chosen = Array.from({ length: 1 + random.below(6) }, () => pick(random, answers));
  const names = chosen.map(({ name }) => name).join(", ");
  if (random.below(3) === 0) writeFileSync(join(cache, part), whole.subarray(0, random.below(whole.length)));
  site.waiting = chosen.map((answer) => ({ answer, random }));
  site.requests = 0;
  const honest = chosen.every(({ honest: each }) => each);
  const faults: string[] = [];
  const tell = (fault: string): void => void faults.push(`${fault} (${names})`);
  const first = await outcome(site, cache);
  if (site.requests > mostRequests) tell(`${site.requests} requests`);
  if (first === "done") return [...faults, ...unpackedFaults(cache).map((fault) => `${fault} (${names})`)];
  leftFaults(cache, first, honest).forEach(tell);
  site.waiting = [];
  // What a lying server sent is told by the checksum at the end, removed, and got again.
  for (let left = honest ? 1 : 2; left > 0; left--) if ((await outcome(site, cache)) === "done") left = 0;
  unpackedFaults(cache).forEach(tell);
  return faults;
}

async function outcome({ archive }: Site, cache: string): Promise<"done" | LimbeckError> {
  try {
    await fetchArchive(archive, cache, { stallSeconds });
    return "done";
  } catch (error) {
    if (error instanceof LimbeckError) return error;
    throw error;
  }
}

function unpackedFaults(cache: string): string[] {
  const names = readdirSync(cache);
  if (String(names) !== "pictures") return [`left ${names.join(", ") || "nothing"}`];
  return readFileSync(join(cache, "pictures", "a.bin")).equals(content) ? [] : ["unpacked other bytes"];
}

/** After a failure there is at most the part, which begins as the file does, and the message says whether there is. */
function leftFaults(cache: string, { code, message }: LimbeckError, honest: boolean): string[] {
  const faults: string[] = [];
  const names = readdirSync(cache);
  const others = names.filter((name) => name !== part && name !== `${part}.tag`);
  if (others.length > 0) faults.push(`left ${others.join(", ")}`);
  const kept = names.includes(part) ? readFileSync(join(cache, part)) : Buffer.alloc(0);
  if (honest && !whole.subarray(0, kept.length).equals(kept)) faults.push("kept what is no part of the file");
  if (code === "DOWNLOAD" && message.includes("kept") !== kept.length > 0) {
    faults.push(`kept ${kept.length} bytes and says: ${message}`);
  }
  if (code !== "DOWNLOAD" && (honest || code !== "CHECKSUM")) faults.push(`unexpected ${code}: ${message}`);
  return faults;
}
