/** @file A plot of curves as SVG, in the page's own colours. */
import type { Curve } from "./lesson.ts";

export interface PlottedCurve extends Curve {
  /** A class of the style sheet. */
  readonly kind: string;
}

interface PlotProps {
  readonly label: string;
  readonly curves: readonly PlottedCurve[];
  /** Epochs from left to right. */
  readonly epochs: number;
  /** Numbers from bottom to top; else from 0 to the largest. */
  readonly range?: readonly [number, number];
  readonly unit?: string;
}

/** The drawing's own units; the page stretches it. */
const [WIDTH, HEIGHT] = [320, 120];

export function Plot({ label, curves, epochs, range, unit = "" }: PlotProps): preact.JSX.Element {
  const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
  const [low, high] = range ?? [0, rounded(Math.max(0, ...values))];
  const x = (epoch: number): string => ((epoch / epochs) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - ((value - low) / (high - low)) * HEIGHT).toFixed(1);
  return (
    <figure class="plot">
      <div class="axis" aria-hidden="true">
        <span>{shown(high) + unit}</span>
        <span>{shown(low) + unit}</span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={spoken(label, curves, unit)}
      >
        <path class="grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
        {curves.map(({ name, kind, points }) => (
          <polyline
            key={name}
            class={`curve ${kind}`}
            points={points.map(([epoch, value]) => `${x(epoch)},${y(value)}`).join(" ")}
          />
        ))}
      </svg>
      <div class="axis across" aria-hidden="true">
        <span>0</span>
        <span>{epochs === 1 ? "1 epoch" : `${epochs} epochs`}</span>
      </div>
      {curves.length > 0 && (
        <figcaption>
          {curves.map(({ name, kind, points }) => (
            <span key={name} class="key">
              <i class={kind} />
              {name} <b>{points.length > 0 ? shown(points.at(-1)![1]) + unit : ""}</b>
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

function spoken(label: string, curves: readonly PlottedCurve[], unit: string): string {
  const last = curves.flatMap(({ name, points }) => {
    const point = points.at(-1);
    return point ? [`${name} ${shown(point[1])}${unit}`] : [];
  });
  return last.length > 0 ? `${label}, now: ${last.join(", ")}` : `${label}: nothing yet`;
}

/** The next number of one digit, so that the axis does not move with each step. */
function rounded(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / power) * power;
}

/** Three digits. */
function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
