/** @file A plot of accuracy against a cost, as a picture in the page: it needs no script, and prints. */
import { html, percent, type Html } from "../../report/index.ts";
import type { CostPoint } from "./frontier.ts";

interface Plot {
  readonly points: readonly CostPoint[];
  /** Some of the points, by rising cost. */
  readonly front: readonly CostPoint[];
  readonly text: (cost: number) => string;
  readonly label: string;
}

/** In the drawing's own units. */
const [WIDTH, HEIGHT] = [236, 160];
const MARGIN = { left: 44, right: 14, top: 10, bottom: 22 };
/** From this ratio of costs on their axis is logarithmic. */
const WIDE = 20;

export function costPlot({ points, front, text, label }: Plot): Html {
  const costs = points.map(({ cost }) => cost);
  const x = scale(costs, Math.max(...costs) / Math.min(...costs) >= WIDE, WIDTH);
  const bounds = points.flatMap(({ accuracy, deviation = 0 }) => [accuracy - deviation, accuracy + deviation]);
  const y = scale(bounds, false, HEIGHT);
  const at = (value: number): string => value.toFixed(1);
  const [low, high] = [Math.min(...bounds), Math.max(...bounds)];
  const marks = [low, (low + high) / 2, high];
  const place = ({ cost, accuracy }: CostPoint): readonly [number, number] => [x(cost), HEIGHT - y(accuracy)];
  const line = front.map((point) => place(point).map(at).join(",")).join(" ");
  const view = `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + MARGIN.right} ${HEIGHT + MARGIN.top + MARGIN.bottom}`;
  return html`<svg class="cost" viewBox="${view}" role="img" aria-label="${label}">
    ${marks.map((mark) => {
      const height = at(HEIGHT - y(mark));
      return html`<line class="grid" x1="0" x2="${WIDTH}" y1="${height}" y2="${height}" />
        <text x="-5" y="${height}" dy="0.35em" text-anchor="end">${mark.toFixed(1)}%</text>`;
    })}
    <text x="0" y="${HEIGHT + 17}" text-anchor="start">${text(Math.min(...costs))}</text>
    <text x="${WIDTH}" y="${HEIGHT + 17}" text-anchor="end">${text(Math.max(...costs))}</text>
    <polyline class="front" points="${line}" />
    ${points.map((point) => {
      const [left, top] = place(point);
      const { title, cost, accuracy, deviation, isTeacher } = point;
      const reach = y(accuracy + (deviation ?? 0)) - y(accuracy);
      const kind = isTeacher ? "teacher" : front.includes(point) && "best";
      return html`<g class="${kind}">
        ${reach > 0 && html`<line x1="${at(left)}" x2="${at(left)}" y1="${at(top - reach)}" y2="${at(top + reach)}" />`}
        ${
          isTeacher
            ? html`<rect x="${at(left - 3.5)}" y="${at(top - 3.5)}" width="7" height="7" />`
            : html`<circle cx="${at(left)}" cy="${at(top)}" r="3.5" />`
        }
        <title>${title}: ${percent(accuracy)}, ${text(cost)}</title>
      </g>`;
    })}
    ${front.slice(0, 8).map((point, i) => {
      const [left, top] = place(point);
      return html`<text class="rank" x="${at(left + 5)}" y="${at(top - 5)}">${i + 1}</text>`;
    })}
  </svg>`;
}

/** Where a value stands between the least and the greatest; in the middle where there is one only. */
function scale(values: readonly number[], isLogarithmic: boolean, length: number): (value: number) => number {
  const of = isLogarithmic ? Math.log : (value: number): number => value;
  const [low, high] = [of(Math.min(...values)), of(Math.max(...values))];
  return (value) => (high > low ? (length * (of(value) - low)) / (high - low) : length / 2);
}
