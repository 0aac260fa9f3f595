/** @file The script that draws the curves with uPlot, in the colours of the page. */
import type uPlot from "uplot";
import type { Palette } from "./style.ts";

/** What the page hands to the script, as JSON. */
export interface CurveData {
  readonly light: Palette;
  readonly dark: Palette;
  /** In the order of the page's `.plot` elements. */
  readonly plots: readonly {
    /** What x is; by default epochs. */
    readonly x?: string;
    readonly curves: readonly {
      readonly run: number;
      readonly title: string;
      readonly x: readonly number[];
      /** None where points are few enough to be marked. */
      readonly raw: readonly (number | null)[];
      readonly smooth: readonly number[];
      /** From and to at each x, drawn as a band. */
      readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] };
      /** Measured on validation images, after epochs. */
      readonly isValidation?: boolean;
    }[];
  }[];
}

/** Plots that are drawn. */
export interface DrawnCurves {
  /** Shows these in place of what was drawn; whether it could, because there are as many plots of as many curves. */
  update(data: CurveData): boolean;
  /** Removes the plots. */
  remove(): void;
}

/**
 * Draws each plot into its element, follows the element's width, the colour scheme and the printer.
 * Dragging zooms, a double click shows all, the legend hides and shows runs.
 *
 * NOTE: the page gets this function as its own source text, so it may use nothing of this module but its arguments.
 */
export function drawCurves(data: CurveData, Plot: typeof uPlot): DrawnCurves {
  const removed = new AbortController();
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;
  const joined = (curves: CurveData["plots"][number]["curves"]): uPlot.AlignedData =>
    Plot.join(
      curves.map(({ x, raw, band, smooth }): uPlot.AlignedData => [
        [...x],
        [...raw],
        ...(band ? [[...band.low], [...band.high]] : []),
        [...smooth],
      ]),
    );
  const palette = (): Palette => (darkScheme.matches && !printing ? data.dark : data.light);

  const plots = [...document.querySelectorAll<HTMLElement>(".plot")].map((element, place) => {
    const { curves, x: xLabel = "Epoch" } = data.plots[place] ?? { curves: [] };
    const colour = (run: number): string => palette().runs[run % palette().runs.length] ?? palette().text;
    const axis: uPlot.Axis = {
      stroke: () => palette().quiet,
      grid: { stroke: () => palette().rule, width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const hidden: uPlot.Series = { class: "raw", width: 0, points: { show: false }, spanGaps: true };
    /** The series of each curve's line: before it stand its raw points, and the edges of its band. */
    let series = 0;
    const lines = curves.map(({ band }) => (series += band ? 4 : 2));
    const height = (): number => (element.clientWidth < 480 ? 220 : 280);
    const options: uPlot.Options = {
      width: element.clientWidth,
      height: height(),
      scales: { x: { time: false } },
      axes: [
        { ...axis, space: 60, size: 32 },
        // Digits enough to tell neighbours apart: the default has three decimals, too few for small losses.
        { ...axis, size: 60, values: (_, marks) => marks.map((mark) => String(Number(mark.toPrecision(3)))) },
      ],
      cursor: { points: { size: 6 }, y: false },
      series: [
        { label: xLabel, value: (_, x) => (x === null ? "" : x.toFixed(2)) },
        ...curves.flatMap(({ run, title, band, x, isValidation = false }): uPlot.Series[] => [
          { class: "raw", stroke: () => `${colour(run)}40`, width: 1, points: { show: false }, spanGaps: true },
          // The edges of a band, which its filling shows.
          ...(band ? [hidden, hidden] : []),
          {
            label: title,
            stroke: () => colour(run),
            width: 2,
            ...(isValidation && { dash: [6, 4] }),
            // One epoch makes no line.
            points: { show: isValidation || x.length === 1, size: 5, fill: () => colour(run) },
            spanGaps: true,
            value: (_, loss) => (loss === null ? "" : loss.toPrecision(4)),
          },
        ]),
      ],
      bands: curves.flatMap(({ run, band }, i) => {
        const high = (lines[i] ?? 0) - 1;
        return band ? [{ series: [high, high - 1] as [number, number], fill: () => `${colour(run)}2e` }] : [];
      }),
      hooks: {
        setSeries: [
          (plot, index, { show }) => {
            const curve = lines.indexOf(index ?? -1);
            if (index === null || show === undefined || curve < 0) return;
            for (let other = (lines[curve - 1] ?? 0) + 1; other < index; other++) plot.setSeries(other, { show });
            plot.root.querySelectorAll(".u-series th")[index]?.setAttribute("aria-pressed", String(show));
          },
        ],
      },
    };
    const plot = new Plot(options, joined(curves), element);
    for (const head of plot.root.querySelectorAll<HTMLElement>(".u-series:not(.raw):not(:first-child) th")) {
      head.tabIndex = 0;
      head.setAttribute("role", "button");
      head.setAttribute("aria-pressed", "true");
      head.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        head.click();
      });
    }
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== plot.width) {
        plot.setSize({ width: element.clientWidth, height: height() });
      }
    });
    resized.observe(element);
    removed.signal.addEventListener("abort", () => {
      resized.disconnect();
      plot.destroy();
    });
    return plot;
  });

  const redraw = (): void => plots.forEach((plot) => plot.redraw(false, true));
  const { signal } = removed;
  darkScheme.addEventListener("change", redraw, { signal });
  for (const event of ["beforeprint", "afterprint"]) {
    addEventListener(
      event,
      () => {
        printing = event === "beforeprint";
        redraw();
      },
      { signal },
    );
  }
  return {
    update(next) {
      const fits =
        next.plots.length === plots.length &&
        next.plots.every(({ curves }, i) => curves.length === data.plots[i]?.curves.length);
      if (fits) for (const [i, plot] of plots.entries()) plot.setData(joined(next.plots[i]?.curves ?? []));
      return fits;
    },
    remove: () => removed.abort(),
  };
}
