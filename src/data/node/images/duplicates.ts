/** @file Pictures that are there twice: training on what one tests with would make every result too good. */
import { valueAt } from "../../../elements.ts";
import { LimbeckError } from "../../../errors.ts";
import type { Divided } from "./divide.ts";

/** What tells that two pictures are the same, and what to call them. */
export interface Compared {
  contentOf(place: number): string;
  labelOf(place: number): number | undefined;
  nameOf(place: number): string;
}

/**
 * The same division without training and validation pictures that are test pictures too, byte for byte, and training pictures
 * that are validation pictures too; with a note of each. If they are to be kept, with notes alone. Training pictures in two classes are noted.
 * Throws DATA_MISSING, in the name of their source, where no training pictures are left.
 */
export function withoutDuplicates(source: string, divided: Divided, compared: Compared, keep: boolean): Divided {
  const notes = [...divided.notes];
  const apart = (kind: string, places: readonly number[], others: ReadonlyMap<string, number>): readonly number[] => {
    const twice = places.filter((place) => others.has(compared.contentOf(place)));
    if (twice.length === 0) return places;
    const some = twice.slice(0, 5).map((place) => {
      const other = valueAt(others, compared.contentOf(place));
      return `${compared.nameOf(place)} is ${compared.nameOf(other)}`;
    });
    const named = some.join(", ") + (twice.length > some.length ? ` and ${twice.length - some.length} more` : "");
    if (kind === "training" && !keep && twice.length === places.length) {
      throw new LimbeckError(
        "DATA_MISSING",
        `no training pictures of ${source} are left: each of the ${twice.length} is a test or validation picture too, byte for byte (${named}); ` +
          "add pictures that differ from each other",
      );
    }
    const end = keep ? "kept, as asked" : `left out of ${kind}`;
    notes.push(`${twice.length} pictures for ${kind} are there for other use too, byte for byte: ${end} (${named})`);
    return keep ? places : places.filter((place) => !others.has(compared.contentOf(place)));
  };
  const byContent = (places: readonly number[]): Map<string, number> =>
    new Map(places.map((place) => [compared.contentOf(place), place]));
  const test = byContent(divided.test);
  const validation = apart("validation", divided.validation, test);
  const train = apart("training", divided.train, new Map([...test, ...byContent(validation)]));
  notes.push(...contradictions(train, compared));
  return { ...divided, train, validation, notes };
}

function contradictions(train: readonly number[], { contentOf, labelOf, nameOf }: Compared): string[] {
  const first = new Map<string, number>();
  const found: string[] = [];
  for (const place of train) {
    const before = first.get(contentOf(place));
    if (before === undefined) first.set(contentOf(place), place);
    else if (labelOf(before) !== labelOf(place)) found.push(`${nameOf(before)} is ${nameOf(place)}`);
  }
  if (found.length === 0) return [];
  const more = found.length > 5 ? ` and ${found.length - 5} more` : "";
  return [
    `${found.length} training pictures are in two classes, byte for byte: ${found.slice(0, 5).join(", ")}${more}`,
  ];
}
