/** @file Level scheduling: which kernels may run in any order, or at once, between two barriers. */
import { elementAt, valueAt } from "../../elements.ts";
import type { Dispatch, Span } from "./dispatch.ts";
import { Held, peakOf } from "./held.ts";

/** A dispatch among the others. */
interface Node {
  /** Its place in the order that was given. */
  readonly index: number;
  /** What has to wait for it. */
  readonly followers: Set<Node>;
  /** For how many others it waits. */
  waitsFor: number;
  /** Where it should run. */
  level: number;
}

/**
 * Divides dispatches into levels. One waits for those before it that write what it reads or touch what it writes, and for no
 * others. Where that leaves a choice, it runs where memory is held for the shortest time: a weight's gradient as soon as
 * possible, a packed weight just before it is read. `fixed` memory is always held. Of the other, no level holds more than
 * dispatches one after the other would, unless nothing else can be run.
 */
export function levels<Memory extends Span, ADispatch extends Dispatch<Memory>>(
  dispatches: readonly ADispatch[],
  fixed: ReadonlySet<Memory>,
): ADispatch[][] {
  const nodes = asSoonAsPossible(dispatches);
  holdShortly(nodes, dispatches, fixed);
  const limit = peakOf(dispatches, fixed);
  const held = new Held(dispatches, fixed);
  const fits = ({ index }: Node): boolean => held.bytes + held.more(elementAt(dispatches, index)) <= limit;
  const result: ADispatch[][] = [];
  const later = nodes.toSorted((a, b) => b.level - a.level || b.index - a.index);
  let due: Node[] = [];
  for (let time = 0; later.length + due.length > 0; time++) {
    for (let next = later.at(-1); next && next.level <= time; next = later.at(-1)) {
      due.push(next);
      later.pop();
    }
    due.sort((a, b) => a.index - b.index);
    const level: Node[] = [];
    const take = (node: Node): void => {
      level.push(node);
      held.take(elementAt(dispatches, node.index));
    };
    const ready = due.filter((node) => node.waitsFor === 0);
    for (const node of ready) if (fits(node)) take(node);
    if (level.length === 0 && ready.length > 0) take(elementAt(ready, 0));
    if (level.length === 0) continue;
    for (const node of level) {
      held.release(elementAt(dispatches, node.index));
      for (const follower of node.followers) follower.waitsFor--;
    }
    due = due.filter((node) => !level.includes(node));
    result.push(level.map(({ index }) => elementAt(dispatches, index)));
  }
  return result;
}

/** The dispatches, each in the level after the last of those that it waits for. */
function asSoonAsPossible<Memory extends Span>(dispatches: readonly Dispatch<Memory>[]): Node[] {
  const writer = new Map<Memory, Node>();
  /** Since it was written last. */
  const readers = new Map<Memory, Node[]>();
  return dispatches.map(({ reads, writes }, index) => {
    const node: Node = { index, followers: new Set(), waitsFor: 0, level: 0 };
    const waitFor = (earlier: Node): void => {
      if (earlier === node || earlier.followers.has(node)) return;
      earlier.followers.add(node);
      node.waitsFor++;
      node.level = Math.max(node.level, earlier.level + 1);
    };
    for (const span of [...reads, ...writes]) {
      const earlier = writer.get(span);
      if (earlier) waitFor(earlier);
    }
    for (const span of writes) {
      for (const reader of readers.get(span) ?? []) waitFor(reader);
      writer.set(span, node);
      readers.delete(span);
    }
    for (const span of reads) listOf(readers, span).push(node);
    return node;
  });
}

/**
 * Moves dispatches to later levels, none later than those that wait for it allow, where that holds memory for fewer bytes
 * times levels: what a dispatch makes is held from then on, what it is the last to read until then.
 */
function holdShortly<Memory extends Span>(
  nodes: readonly Node[],
  dispatches: readonly Dispatch<Memory>[],
  fixed: ReadonlySet<Memory>,
): void {
  const readers = new Map<Memory, Node[]>();
  for (const node of nodes)
    for (const span of new Set(elementAt(dispatches, node.index).reads)) listOf(readers, span).push(node);
  for (const node of nodes.toReversed()) {
    if (node.followers.size === 0) continue;
    const { reads, writes } = elementAt(dispatches, node.index);
    const made = [...new Set(writes)].reduce((sum, span) => sum + (fixed.has(span) ? 0 : span.bytes), 0);
    const ends = [...new Set(reads)]
      .filter((span) => !fixed.has(span))
      .map((span) => {
        const others = valueAt(readers, span).filter((other) => other !== node);
        return { bytes: span.bytes, level: others.reduce((last, { level }) => Math.max(last, level), 0) };
      });
    const cost = (level: number): number =>
      ends.reduce((sum, end) => sum + end.bytes * Math.max(0, level - end.level), 0) - made * level;
    const latest = [...node.followers].reduce((least, { level }) => Math.min(least, level - 1), Infinity);
    const choices = [latest, ...ends.map(({ level }) => level)].filter(
      (level) => level > node.level && level <= latest,
    );
    for (const level of choices) if (cost(level) < cost(node.level)) node.level = level;
  }
}

function listOf<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const known = lists.get(key) ?? [];
  lists.set(key, known);
  return known;
}
