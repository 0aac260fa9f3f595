/** @file Which stages of a network with fewer belong to which of one with more. */

/**
 * For each of the fewer sizes, in order, the index of its partner among the more: the order stays, sizes are as near as
 * they can be (the sum of |log2 ratio| is least), and of equals the deeper are taken. As many of both pair one by one,
 * whatever their sizes, as the published comparisons do. Sizes are a map's heights times widths.
 */
export function matched(few: readonly number[], many: readonly number[]): number[] {
  const unlikeness = (i: number, j: number): number => Math.abs(Math.log2(few[i - 1]! / many[j - 1]!));
  // least[i][j]: of the first i among the first j.
  const least: number[][] = [Array<number>(many.length + 1).fill(0)];
  for (let i = 1; i <= few.length; i++) {
    const row = [Infinity];
    for (let j = 1; j <= many.length; j++) row.push(Math.min(row[j - 1]!, least[i - 1]![j - 1]! + unlikeness(i, j)));
    least.push(row);
  }
  const partners: number[] = [];
  for (let i = few.length, j = many.length; i > 0; j--) {
    if (least[i - 1]![j - 1]! + unlikeness(i, j) > least[i]![j - 1]!) continue;
    partners.unshift(j - 1);
    i--;
  }
  return partners;
}
