/** @file The report's colours, on a light and on a dark ground. Text and lines keep at least 4.5:1 and 3:1 against it. */

export interface Palette {
  readonly ground: string;
  /** Raised areas: table heads, bars' tracks. */
  readonly raised: string;
  readonly rule: string;
  readonly text: string;
  readonly quiet: string;
  /** Heat of the confusion matrix: on the diagonal, and off it. */
  readonly right: string;
  readonly wrong: string;
  /** By the run's place: the teacher's grey first, then the student alone, then the methods. */
  readonly runs: readonly string[];
}

export const light: Palette = {
  ground: "#fdfcfa",
  raised: "#f3f1ec",
  rule: "#ddd9d0",
  text: "#1d1c1a",
  quiet: "#625e57",
  right: "#2f6f73",
  wrong: "#b3452d",
  runs: ["#6b6f76", "#c05a12", "#2a62c9", "#0d7f72", "#8a3fb8", "#a83263", "#5d7a12"],
};

export const dark: Palette = {
  ground: "#16171a",
  raised: "#212327",
  rule: "#363940",
  text: "#eceae6",
  quiet: "#a5a39d",
  right: "#4fa6a6",
  wrong: "#ea7f66",
  runs: ["#9ea3ab", "#f0934e", "#7ba6f7", "#3fc2ae", "#c590ee", "#ef84ad", "#a8c65a"],
};

/** The colours as CSS custom properties: `--ground`, `--run-0`. */
export function customProperties({ runs, ...named }: Palette): string {
  const properties = [...Object.entries(named), ...runs.map((colour, i) => [`run-${i}`, colour])];
  return properties.map(([name, colour]) => `--${name}: ${colour};`).join(" ");
}

/** The custom property of a run's colour. Runs beyond the palette begin it again. */
export function runColour(run: number): string {
  return `var(--run-${run % light.runs.length})`;
}
