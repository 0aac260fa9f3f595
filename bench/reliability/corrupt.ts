/** @file Ways in which a folder's files get damaged: by disks, by tools, by hands. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A whole number from 0 to one less than the argument. */
export type Below = (count: number) => number;

/** Changes one file, or two, of the folder; says what it did. `other` is a folder of the same files from another experiment. */
export function corrupt(folder: string, other: string, below: Below): string {
  const files = filesOf(folder);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const path = pick(files);
  const kind = pick(Object.keys(kinds));
  return `${kind} ${path}${kinds[kind]!({ folder, other, path, files, below, pick }) ?? ""}`;
}

interface Choice {
  readonly folder: string;
  readonly other: string;
  readonly path: string;
  readonly files: readonly string[];
  readonly below: Below;
  readonly pick: <T>(list: readonly T[]) => T;
}

const kinds: Readonly<Record<string, (choice: Choice) => string | void>> = {
  truncate: ({ folder, path, below }) => {
    const length = below(Math.max(1, readFileSync(join(folder, path)).length));
    truncateSync(join(folder, path), length);
    return ` to ${length}`;
  },
  empty: ({ folder, path }) => truncateSync(join(folder, path), 0),
  flip: (choice) =>
    changeBytes(choice, (bytes, below) => {
      for (let flips = 1 + below(8); flips > 0; flips--) bytes[below(bytes.length)]! ^= 1 << below(8);
    }),
  noise: (choice) =>
    changeBytes(choice, (bytes, below) => {
      const from = below(bytes.length);
      for (let i = from; i < Math.min(bytes.length, from + 1 + below(200)); i++) bytes[i] = below(256);
    }),
  digit: (choice) =>
    changeBytes(choice, (bytes, below) => {
      const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 48 && bytes[i]! < 58);
      if (digits.length > 0) bytes[digits[below(digits.length)]!] = 48 + below(10);
    }),
  append: ({ folder, path, below }) =>
    writeFileSync(
      join(folder, path),
      Uint8Array.from({ length: 1 + below(50) }, () => below(256)),
      { flag: "a" },
    ),
  swap: ({ folder, path, files, pick }) => {
    const second = pick(files);
    const [a, b] = [readFileSync(join(folder, path)), readFileSync(join(folder, second))];
    writeFileSync(join(folder, path), b);
    writeFileSync(join(folder, second), a);
    return ` and ${second}`;
  },
  remove: ({ folder, path }) => rmSync(join(folder, path)),
  "replace by a directory": ({ folder, path }) => {
    rmSync(join(folder, path));
    mkdirSync(join(folder, path));
  },
  "take from another experiment": ({ folder, other, path, pick }) => {
    const name = path.split("/").at(-1);
    const alike = filesOf(other).filter((each) => each.endsWith(`/${name}`) || each === name);
    const from = alike.includes(path) ? path : pick(alike);
    if (from !== undefined) writeFileSync(join(folder, path), readFileSync(join(other, from)));
  },
  "remove the folder of": ({ folder, path }) => {
    if (path.includes("/")) rmSync(join(folder, path.split("/")[0]!), { recursive: true });
  },
  rename: ({ folder, path }) => renameSync(join(folder, path), join(folder, `${path}.bak`)),
  "another value in config.json, not": ({ folder, below, pick }) => {
    const file = join(folder, "config.json");
    const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const key = pick(Object.keys(config));
    config[key] = pick([below(9), below(100) / 100, "LightNN", "other", {}, null, []]);
    writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`);
    return `: ${key} = ${JSON.stringify(config[key])}`;
  },
};

function changeBytes({ folder, path, below }: Choice, change: (bytes: Uint8Array, below: Below) => void): void {
  const bytes = readFileSync(join(folder, path));
  if (bytes.length > 0) change(bytes, below);
  writeFileSync(join(folder, path), bytes);
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}
