/** @file Command lines to show: how Limbeck was called, and the one that a configuration stands for. */
import { fileURLToPath } from "node:url";
import type { PairedPaths } from "../distill/index.ts";
import type { Freeze, ParameterGroup } from "../optim/index.ts";
import { printable } from "../printable.ts";

/**
 * `limbeck tutorial shapes --epochs 4 ...`: every setting that changes the result, defaults spelled out, so that
 * it gives the same after they change. The engine's threads do not.
 */
export function commandLine(
  called: string,
  { dataset, ...config }: Readonly<Record<string, unknown>> & { readonly dataset?: string },
): string {
  const options = Object.entries(config).flatMap(([name, value]) => {
    if (name === "dropLast" && value === false) return ["--no-drop-last"];
    if (name === "exif" && value === false) return ["--no-exif"];
    if (name === "tested" && value === false) return ["--no-test"];
    if (value === undefined || value === false || ["threads", "exif", "tested"].includes(name)) return [];
    // The paths stand where they are used; what they hold can only be had again, not given.
    if (name === "modules") return [];
    if (value === true) return [optionName(name)];
    if (typeof value === "boolean") return value ? [optionName(name)] : [];
    if (name === "freeze") return freezeWords(value as readonly Freeze[]);
    if (name === "parameterGroups") return groupWords(value as readonly ParameterGroup[]);
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
  const words = [...(dataset === undefined ? [] : [dataset]), ...options];
  return [called, ...(words.length > 0 ? [shellWords(words)] : [])].join(" ");
}

function pairWords(pairs: readonly PairedPaths[]): string[] {
  return pairs.flatMap(({ teacher, student }) => ["--pair", `${teacher}=${student}`]);
}

function groupWords(groups: readonly ParameterGroup[]): string[] {
  if (groups.length === 0) return ["--learning-rate-for", "none"];
  return groups.flatMap(({ parameters, learningRateFactor, weightDecay }) => [
    ...(learningRateFactor === undefined ? [] : ["--learning-rate-for", `${parameters}=${learningRateFactor}x`]),
    ...(weightDecay === undefined ? [] : ["--weight-decay-for", `${parameters}=${weightDecay}`]),
  ]);
}

function freezeWords(freeze: readonly Freeze[]): string[] {
  if (freeze.length === 0) return ["--freeze", "none"];
  return freeze.flatMap(({ parameters, afterEpochs }) => ["--freeze", `${parameters}=${afterEpochs}`]);
}

type Augmentations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function augmentWords(augment: Augmentations): string[] {
  const options = Object.entries(augment).flatMap(([name, of]) =>
    Object.entries(of).flatMap(([key, inner]) => ["--augment-option", `${name}.${key}=${asJson(inner)}`]),
  );
  return ["--augment", Object.keys(augment).join(",") || "none", ...options];
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

/** Words as one would type them into a POSIX shell; what a terminal would obey instead of showing it is written as its bytes. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(" ");
}

function quoted(word: string): string {
  const bytesOf = (text: string): string =>
    Array.from(new TextEncoder().encode(text), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const characters = Array.from(word, (character) => {
    if (character === "'") return `'\\''`;
    return printable(character) === character ? character : `'"$(printf '${bytesOf(character)}')"'`;
  });
  return `'${characters.join("")}'`;
}

/** How to call a command in the way this one was called: installed, by npx, or from the sources, in their folder by npm. */
export function calledAs(command: string): string {
  return `${caller()} ${command}`;
}

function caller(): string {
  const script = process.argv[1] ?? "";
  // NOTE: npm brings the Node that runs the sources; the one on the path may be too old for TypeScript.
  if (script.endsWith(".ts")) return isInClone() ? "npm run limbeck --" : shellWords([process.execPath, script]);
  if (process.env["npm_lifecycle_event"] === "npx" || script.includes("node_modules")) return "npx limbeck";
  return script.endsWith(".js") ? shellWords(["node", script]) : "limbeck";
}

function isInClone(): boolean {
  try {
    return process.cwd() === fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
  } catch {
    return false; // the working folder was removed
  }
}
