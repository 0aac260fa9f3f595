/** @file Numbers and compared places as people read them, the same in the terminal, in Markdown and on the page. */
import type { Interval, PairRecord } from "../experiment/index.ts";

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

const threeDigits = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

/** `1,186,986` */
export function count(value: number): string {
  return whole.format(value);
}

/** A percentage with two decimals: `71.50%`. */
export function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

/** A difference of percentages, signed with a true minus: `+1.64`, `−0.30`, `0.00`. */
export function points(value: number, decimals = 2): string {
  const rounded = Number(value.toFixed(decimals));
  const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "";
  return sign + Math.abs(rounded).toFixed(decimals);
}

/** `63.2 to 68.0%`. */
export function intervalText([low, high]: Interval): string {
  return `${low.toFixed(1)} to ${high.toFixed(1)}%`;
}

/** `−0.4 to +3.4`. */
export function pointsInterval([low, high]: Interval): string {
  return `${points(low, 1)} to ${points(high, 1)}`;
}

/** Millions, three significant digits: `0.268 M`, `1,300 M`. */
export function millions(value: number): string {
  return `${threeDigits.format(value / 1e6)} M`;
}

/** Decimal units, three significant digits: `532 B`, `1.07 MB`. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  let scaled = value;
  // 999.5 would be printed as 1000.
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 ? scaled : Number(scaled.toPrecision(3))} ${units[unit]}`;
}

/** A time in milliseconds with about three digits: `0.0442`, `8.66`, `208.7`. */
export function milliseconds(time: number): string {
  if (time < 0.1) return time.toFixed(4);
  return time.toFixed(time < 1 ? 3 : time < 10 ? 2 : 1);
}

/** `0.4 s`, `37 s`, `2 min 05 s`, `1 h 04 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${two(rounded % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** A loss with four significant digits, the fewest that tell two runs apart: `0.9123`, `12.35`. */
export function loss(value: number): string {
  return Math.abs(value) < 1e-4 && value !== 0 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** `at compares layer2 [32, 16, 16] with features.4 [16, 16, 16]`: one sentence a method, the teacher's places first. */
export function comparedPlaces(pairs: readonly PairRecord[]): string[] {
  const methods = [...new Set(pairs.map(({ method }) => method))];
  return methods.map((method) => {
    const own = pairs.filter((pair) => pair.method === method);
    const texts = own.map(
      ({ teacher, student, teacherShape, studentShape }) =>
        `${teacher} [${teacherShape.join(", ")}] with ${student} [${studentShape.join(", ")}]`,
    );
    return `${method} compares ${texts.join(", ")}`;
  });
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
