/** @file How much of a product a workgroup computes, chosen by the product's sizes alone, so that results are the same everywhere. */

/** A workgroup computes `rows`×`columns` elements, `terms` of their sums at a time; an invocation `ownRows`×`ownColumns` of them. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
  readonly ownRows: number;
  readonly ownColumns: 2 | 4;
}

const large: Tile = { rows: 64, columns: 64, terms: 16, ownRows: 8, ownColumns: 4 };
const narrow: Tile = { rows: 64, columns: 16, terms: 16, ownRows: 4, ownColumns: 4 };
const small: Tile = { rows: 16, columns: 16, terms: 16, ownRows: 2, ownColumns: 2 };

export function tileFor(rows: number, columns: number): Tile {
  if (rows * columns < 128 * 128) return small;
  return columns <= 32 ? narrow : large;
}

/** Workgroups that keep a large GPU busy. */
const enough = 256;
/** A part has at least so many terms, since its sums are stored and read again. */
const leastTerms = 512;

/** Into how many parts a sum of `terms` is cut, where its product alone is too small for all of a GPU. */
export function partsOf(rows: number, columns: number, terms: number): number {
  const tile = tileFor(rows, columns);
  const workgroups = Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
  return Math.max(1, Math.min(Math.floor(enough / workgroups), Math.floor(terms / leastTerms)));
}
