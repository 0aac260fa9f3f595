/** @file What a number may be, and what is said of one that may not. */
import type { Bounds } from "limbeck/methods";

/** `a whole number from 1 to 100`; nothing for a number that may be. */
export function problemOf(value: number, bounds: Bounds): string | undefined {
  const { whole = false, least, above, most, below } = bounds;
  const isAllowed =
    (whole ? Number.isInteger(value) : Number.isFinite(value)) &&
    value >= (least ?? -Infinity) &&
    value > (above ?? -Infinity) &&
    value <= (most ?? Infinity) &&
    value < (below ?? Infinity);
  return isAllowed ? undefined : allowed(bounds);
}

function allowed({ whole = false, least, above, most, below }: Bounds): string {
  const from = least !== undefined ? `from ${shown(least)}` : above !== undefined ? `above ${shown(above)}` : "";
  const to = most !== undefined ? `to ${shown(most)}` : below !== undefined ? `below ${shown(below)}` : "";
  const joined = from && to && !to.startsWith("to") ? `${from} and ${to}` : `${from} ${to}`;
  return `a ${whole ? "whole " : ""}number ${joined}`.trim();
}

function shown(bound: number): string {
  return bound.toLocaleString("en");
}
