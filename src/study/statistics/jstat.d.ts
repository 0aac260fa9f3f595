/** @file The part of jStat that distributions.ts uses; the package has no types of its own. */
declare module "jstat" {
  const jStat: {
    readonly studentt: {
      cdf(x: number, degrees: number): number;
      inv(probability: number, degrees: number): number;
    };
    readonly noncentralt: { cdf(x: number, degrees: number, shift: number): number };
    readonly chisquare: { cdf(x: number, degrees: number): number };
    readonly normal: { inv(probability: number, mean: number, deviation: number): number };
  };
  // oxlint-disable-next-line import/no-default-export -- the package is CommonJS
  export default jStat;
}
