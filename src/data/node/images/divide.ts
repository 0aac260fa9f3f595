/** @file Which pictures are for training, validation and test: as the source has them, else by shares of each class. */
import { elementAt } from "../../../elements.ts";
import { LimbeckError } from "../../../errors.ts";
import { Stream } from "../../stream.ts";
import { missing, type Listing, type SplitName } from "./listing.ts";

export interface DivideOptions {
  /** Share of the training pictures held out to choose by, above 0 and below 1; a source with its own needs none. */
  readonly validation?: number | undefined;
  /** Share held out for the test where the source has none; default 0.2. */
  readonly test?: number | undefined;
  /** Shuffles what is held out; default 0. */
  readonly seed?: number;
}

/** Places of pictures in a listing, ascending. */
export interface Divided {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
  /** Whether those for the test were drawn, because the source has none of its own. */
  readonly isTestDrawn: boolean;
  readonly notes: readonly string[];
}

/** Sets this use of a seed apart from others: "imgs" in ASCII. */
const KEY = 0x696d6773;

/**
 * Divides those of a listing's pictures that can be read. Where the source has splits, these count; of train and validation
 * alone, the latter are the test images, as usual. What is held out is taken from each class by its share, rounded: at least one of a
 * class of two or more for the test, and never its last one.
 *
 * Throws ARGUMENT for a share out of range, or a validation share where the source has such a split; DATA_MISSING where no
 * pictures are left for training or test.
 */
export function divide(source: string, listing: Listing, usable: readonly number[], options: DivideOptions): Divided {
  const { validation: share = 0, test: testShare = 0.2, seed = 0 } = options;
  checkShare("validation", share, options.validation === undefined);
  checkShare("test", testShare, false);
  const { pictures } = listing;
  const notes: string[] = [];
  const of = (name: SplitName | undefined): number[] => usable.filter((i) => elementAt(pictures, i).split === name);
  let [train, validation, test, none] = [of("train"), of("validation"), of("test"), of(undefined)];
  if (none.length === usable.length) [train, none] = [none, []];
  if (none.length > 0)
    notes.push(
      `${none.length} pictures are in no split: left out, ${elementAt(pictures, elementAt(none, 0)).place} first`,
    );
  if (test.length === 0 && validation.length > 0) {
    [test, validation] = [validation, []];
    notes.push("there are training and validation pictures: the latter are the test images");
  }
  const labelOf = (i: number): number => elementAt(pictures, i).label ?? 0;
  const random = new Stream(seed, KEY, 0);
  const isTestDrawn = test.length === 0;
  if (isTestDrawn) [train, test] = holdOut(train, labelOf, testShare, 1, random);
  if (options.validation !== undefined) {
    if (validation.length > 0) {
      throw new LimbeckError(
        "ARGUMENT",
        `${source} has ${validation.length} validation pictures of its own; leave the share for validation out`,
      );
    }
    [train, validation] = holdOut(train, labelOf, share, 0, random);
  }
  if (train.length === 0 || test.length === 0) {
    throw missing(
      source,
      "pictures to train on and others to test with",
      `${train.length} and ${test.length} that can be read, of ${pictures.length} pictures`,
    );
  }
  return { train, validation, test, isTestDrawn, notes };
}

/** What is left and what is held out, both in their order. */
function holdOut(
  places: readonly number[],
  labelOf: (place: number) => number,
  share: number,
  least: number,
  random: Stream,
): [left: number[], held: number[]] {
  const classes = new Map<number, number[]>();
  for (const i of random.permutation(places.length)) {
    const members = classes.get(labelOf(elementAt(places, i))) ?? [];
    members.push(elementAt(places, i));
    classes.set(labelOf(elementAt(places, i)), members);
  }
  const held = new Set<number>();
  for (const members of classes.values()) {
    const count = Math.min(members.length - 1, Math.max(least, Math.round(share * members.length)));
    for (const place of members.slice(members.length - count)) held.add(place);
  }
  return [places.filter((place) => !held.has(place)), places.filter((place) => held.has(place))];
}

function checkShare(name: string, share: number, isLeftOut: boolean): void {
  if (isLeftOut || (share > 0 && share < 1)) return;
  throw new LimbeckError(
    "ARGUMENT",
    `the share for ${name} should be a number above 0 and below 1, 0.2 for 20 %, got ${String(share)}`,
  );
}
