/** @file The command line that a configuration stands for. */
import type { PairedPaths } from "../distill/index.ts";
import { shellWords } from "./terminal.ts";

/**
 * `limbeck tutorial --dataset shapes --epochs 4 ...`: every setting that changes the result, defaults spelled out, so that
 * it gives the same after they change. The engine's threads do not.
 */
export function commandLine(called: string, config: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(config).flatMap(([name, value]) => {
    if (value === undefined || value === false || name === "threads") return [];
    if (value === true) return [optionName(name)];
    if (typeof value === "boolean") return value ? [optionName(name)] : [];
    if (Array.isArray(value)) return value.flatMap((item) => [optionName(name), String(item)]);
    if (typeof value !== "object" || value === null) return [optionName(name), String(value)];
    if (name === "augment") return augmentWords(value as Augmentations);
    const option = optionName(name.replace(/ptions$/, "ption"));
    return Object.entries(value).flatMap(([key, inner]) =>
      name === "options" && key === "pairs" && Array.isArray(inner)
        ? pairWords(inner)
        : [option, `${key}=${asJson(inner)}`],
    );
  });
  return [called, ...(words.length > 0 ? [shellWords(words)] : [])].join(" ");
}

function pairWords(pairs: readonly PairedPaths[]): string[] {
  return pairs.flatMap(({ teacher, student }) => ["--pair", `${teacher}=${student}`]);
}

type Augmentations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function augmentWords(augment: Augmentations): string[] {
  const names = Object.keys(augment);
  const options = names.flatMap((name) =>
    Object.entries(augment[name]!).flatMap(([key, inner]) => ["--augment-option", `${name}.${key}=${asJson(inner)}`]),
  );
  return ["--augment", names.join(",") || "none", ...options];
}

/** `learningRate` is `--learning-rate`. */
export function optionName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function asJson(value: unknown): string {
  return typeof value === "string" && !readsAsJson(value) ? value : JSON.stringify(value);
}

function readsAsJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
