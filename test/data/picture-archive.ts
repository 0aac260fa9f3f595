/** @file The archive that the tests download: its bytes, and what a cache folder holds once it is unpacked. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { tar, tarEntry } from "./tar-file.ts";

const content = randomBytes(3000); // does not compress, so there is something to cut

export const bytes: Buffer = gzipSync(
  tar([
    tarEntry("pictures/", Buffer.alloc(0), { type: "Directory" }),
    tarEntry("pictures/a.bin", content),
    tarEntry("pictures/b.txt", Buffer.from("ok")),
    tarEntry("pictures/readme.html", Buffer.from("not wanted")),
  ]),
);

/** An error of this code whose message has these parts, in this order. */
export function failure(code: string, ...parts: string[]): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(new RegExp(parts.join(".*"))) });
}

export function expectUnpacked(cache: string): void {
  expect(readdirSync(cache)).toEqual(["pictures"]);
  expect(readdirSync(join(cache, "pictures")).toSorted()).toEqual(["SHA256SUMS", "a.bin", "b.txt"]);
  expect(readFileSync(join(cache, "pictures", "a.bin"))).toEqual(content);
}
