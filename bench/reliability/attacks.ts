/** @file All attacks by name, each with the number of tries of the long form. */
import type { Attack } from "./attack.ts";

export interface AttackEntry {
  readonly title: string;
  readonly count: number;
  readonly run: Attack;
}

export const attacks: Readonly<Record<string, AttackEntry>> = {};
