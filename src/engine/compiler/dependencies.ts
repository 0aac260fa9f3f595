/** @file Which parts of a computation need which others, kept exact while parts are merged, so that no merging makes a circle. */

interface Node<Part> {
  readonly part: Part;
  readonly id: number;
  /** What it reads directly, and what reads it. */
  readonly sources: Set<Node<Part>>;
  readonly readers: Set<Node<Part>>;
  /** One bit for the id of each part that it needs, directly or through others. */
  readonly needs: Uint32Array;
}

/**
 * An acyclic graph of parts. Each knows all that it needs as a set of bits, so that whether two parts may become one is a
 * look at their neighbours' bits and no search.
 */
export class Dependencies<Part> {
  readonly #nodes = new Map<Part, Node<Part>>();
  readonly #words: number;
  #ids = 0;

  /** For at most `capacity` parts. */
  constructor(capacity: number) {
    this.#words = Math.ceil(capacity / 32);
  }

  /** A new part that reads `sources`. Nothing reads it yet. */
  add(part: Part, sources: Iterable<Part>): void {
    const needs = new Uint32Array(this.#words);
    const node: Node<Part> = { part, id: this.#ids++, sources: new Set(), readers: new Set(), needs };
    this.#nodes.set(part, node);
    for (const source of sources) connect(this.#node(source), node);
  }

  /** Makes `part` a piece of `into`; returns false, with nothing done, if a path from one to the other leads through a third. */
  merge(part: Part, into: Part): boolean {
    const [gone, kept] = [this.#node(part), this.#node(into)];
    if (leadsThroughOthers(gone, kept) || leadsThroughOthers(kept, gone)) return false;
    this.#nodes.delete(part);
    for (const source of gone.sources) source.readers.delete(gone);
    for (const reader of gone.readers) reader.sources.delete(gone);
    for (const source of gone.sources) if (source !== kept) connect(source, kept);
    for (const reader of gone.readers) if (reader !== kept) connect(kept, reader);
    return true;
  }

  /** What a part reads directly. */
  sources(part: Part): Part[] {
    return Array.from(this.#node(part).sources, (source) => source.part);
  }

  #node(part: Part): Node<Part> {
    const node = this.#nodes.get(part);
    if (!node) throw new Error("this part was never added, or was merged into another");
    return node;
  }
}

/** Whether a path from `earlier` to `later` has a third part on it. */
function leadsThroughOthers<Part>(earlier: Node<Part>, later: Node<Part>): boolean {
  for (const source of later.sources) if (source !== earlier && hasNeed(source, earlier)) return true;
  return false;
}

function hasNeed<Part>({ needs }: Node<Part>, { id }: Node<Part>): boolean {
  return ((needs[id >> 5]! >> (id & 31)) & 1) === 1;
}

/** Notes that `reader` reads `source`, and what it and all that reads it need by that. */
function connect<Part>(source: Node<Part>, reader: Node<Part>): void {
  source.readers.add(reader);
  reader.sources.add(source);
  const waiting = [{ source, reader }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (!inherit(next.reader, next.source)) continue;
    for (const reader of next.reader.readers) waiting.push({ source: next.reader, reader });
  }
}

/** Adds to a part's needs its source and that one's; whether any were new. */
function inherit<Part>(reader: Node<Part>, source: Node<Part>): boolean {
  let isNew = !hasNeed(reader, source);
  reader.needs[source.id >> 5]! |= 1 << (source.id & 31);
  for (let word = 0; word < reader.needs.length; word++) {
    const added = source.needs[word]! & ~reader.needs[word]!;
    if (added === 0) continue;
    reader.needs[word]! |= added;
    isNew = true;
  }
  return isNew;
}
