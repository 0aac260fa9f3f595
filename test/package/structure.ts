/** @file How the sources hang together: which file imports which, values and types, and which part which. */
import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** For each source that is no test, by its path in the repository: the sources that it imports, those of types alone included. */
export function importsOfSources(): ReadonlyMap<string, readonly string[]> {
  const paths = globSync("src/**/*.ts", { cwd: repository }).filter((path) => !path.endsWith(".test.ts"));
  return new Map(
    paths.toSorted().map((path) => {
      const source = readFileSync(join(repository, path), "utf8");
      const statements = source.matchAll(/^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"/gm);
      const calls = source.matchAll(/\bimport\("(\.[^"]+)"\)/g);
      const found = [...statements, ...calls].map(([, specifier]) => posix.join(posix.dirname(path), specifier!));
      return [path, [...new Set(found)].filter((other) => other !== path)] as const;
    }),
  );
}

/** The part that a source belongs to: its folder in `src/`; none for what all parts use. */
export function partOf(path: string): string | undefined {
  const [, part, inside] = path.split("/");
  return inside === undefined ? undefined : part;
}

/** For each part, the parts that it uses. */
export function arrowsOfParts(): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const [path, imported] of importsOfSources()) {
    const part = partOf(path);
    if (part === undefined) continue;
    const used = arrows.get(part) ?? new Set();
    arrows.set(part, used);
    for (const other of imported.map(partOf)) if (other !== undefined && other !== part) used.add(other);
  }
  return arrows;
}

/** Groups of more than one node, each of which reaches the others: Tarjan's strongly connected components. */
export function circles(edges: ReadonlyMap<string, Iterable<string>>): string[][] {
  const indices = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    indices.set(node, indices.size);
    lowest.set(node, indices.get(node)!);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!indices.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== indices.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group.toSorted());
  };
  for (const node of edges.keys()) if (!indices.has(node)) visit(node);
  return found;
}
