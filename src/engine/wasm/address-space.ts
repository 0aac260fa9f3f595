/** @file Addresses shared out between an engine's memory and its threads, where there are few: V8 ends the process where a thread of it gets none. */
import { LimbeckError } from "../../errors.ts";
import { leastBytes, modestBytes } from "./heap.ts";
import type { Platform } from "./threads/protocol.ts";

/** Bytes for the rest of the process, which goes on to compile programs and to load data. */
const rest = 2 ** 29;

type Addresses = Pick<Platform, "addressesLeft" | "threadAddresses">;

/** Of addresses, the bytes that a memory beside `threads` threads may reserve: beside one, where that leaves little. Throws ENGINE where there is not even that. */
export function reservable(platform: Addresses, threads: number): number {
  const left = platform.addressesLeft() - rest;
  const besideAll = left - threads * platform.threadAddresses;
  if (besideAll >= modestBytes) return besideAll;
  const besideOne = left - platform.threadAddresses;
  if (besideOne >= leastBytes) return besideOne;
  throw tooFew(left + rest, leastBytes + platform.threadAddresses + rest);
}

/** How many of these threads there are addresses for, once the memory has its own. Throws ENGINE if not even for one. */
export function threadsThatFit(platform: Addresses, threads: number): number {
  const left = platform.addressesLeft() - rest;
  const fitting = Math.floor(left / platform.threadAddresses);
  if (fitting >= 1) return Math.min(threads, fitting);
  throw tooFew(left + rest, platform.threadAddresses + rest);
}

function tooFew(left: number, needed: number): LimbeckError {
  const mebibytes = (bytes: number): number => Math.ceil(Math.max(0, bytes) / 2 ** 20);
  return new LimbeckError(
    "ENGINE",
    `the wasm engine needs ${mebibytes(needed)} MiB of address space more, and ${mebibytes(left)} MiB are left; ` +
      "raise the limit (ulimit -v), or close other engines",
  );
}
