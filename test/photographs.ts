/**
 * @file CIFAR-10's photographs, which are no part of the project: LIMBECK_DATA names their folder, in the official binary layout.
 * What needs them is skipped without them, and says so in its title, where the runner finds the reason.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe } from "vitest";

/** The folder of the batches: as given, or the archive's in it. `undefined` if not said; what is not there fails where it is read. */
export const photographs: string | undefined = batches(process.env["LIMBECK_DATA"] || undefined);

/** SHA-256 of the test batch that PyTorch's figures were made beside: JPEG's version of the photographs, in an order of its own. */
const fingerprint = "04f678140f6c19922ac2cd6173508c3ff0dcb7f932804c755f677b00c33bd949";

/** `describe` for what any CIFAR-10 serves. */
export function describeWithPhotographs(name: string, body: () => void): void {
  describeUnless(photographs === undefined ? "LIMBECK_DATA names no folder with CIFAR-10" : undefined, name, body);
}

/** `describe` for what is held to PyTorch's figures, which hold for the very photographs that they were made on. */
export function describeWithSamePhotographs(name: string, body: () => void): void {
  if (photographs === undefined || isTheSame(photographs)) describeWithPhotographs(name, body);
  else describeUnless("PyTorch's figures were made on other photographs than LIMBECK_DATA's", name, body);
}

function describeUnless(lack: string | undefined, name: string, body: () => void): void {
  describe.skipIf(lack !== undefined)(lack === undefined ? name : `${name} (skipped: ${lack})`, body);
}

function batches(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const unpacked = resolve(given, "cifar-10-batches-bin");
  return existsSync(unpacked) ? unpacked : resolve(given);
}

function isTheSame(folder: string): boolean {
  const file = join(folder, "test_batch.bin");
  return !existsSync(file) || createHash("sha256").update(readFileSync(file)).digest("hex") === fingerprint;
}
