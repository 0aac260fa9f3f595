/** @file Accuracy against what it costs, over all comparisons on the same images: size, multiply-adds, latency, training. */
import { count, duration, html, milliseconds, millions, percent, type Html } from "../../report/index.ts";
import type { ComparedRow } from "../compare/index.ts";
import type { GroupComparison } from "../compare-study.ts";
import { costPlot } from "./cost-plot.ts";
import { paretoFront, type CostPoint } from "./frontier.ts";

interface Cost {
  readonly heading: string;
  readonly of: (row: ComparedRow) => number | undefined;
  readonly text: (cost: number) => string;
}

const costs: readonly Cost[] = [
  { heading: "Parameters", of: ({ parameters }) => parameters, text: count },
  { heading: "Multiply-adds of one image", of: ({ multiplyAdds }) => multiplyAdds, text: millions },
  { heading: "Time for one image", of: ({ latency }) => latency, text: (time) => `${milliseconds(time)} ms` },
  { heading: "Training time of a run", of: ({ seconds }) => seconds, text: duration },
];

/** Of a front's rows: more are in the table. */
const NAMED = 8;

/** Nothing where all rows cost the same. */
export function costSection(groups: readonly GroupComparison[], isMixed: boolean): Html | false {
  const tasks = [...new Set(groups.map(({ task }) => task))];
  const plots = tasks.flatMap((task) =>
    costs.flatMap((cost) => figure(cost, task, pointsOf(groups, task, cost)) || []),
  );
  if (plots.length === 0) return false;
  return html`<section id="cost" aria-labelledby="cost-title">
    <h2 id="cost-title">Accuracy and cost</h2>
    <p class="quiet">
      Each point is a row of the tables: its mean accuracy over seeds, with one deviation to each side. Filled points
      and the line are the Pareto front: no student costs as little and is as accurate. Squares are teachers, which the
      front leaves out. Training time includes computing a teacher's outputs, not the teacher's own
      training.${isMixed && " Runs were trained on different machines or engines, so their training times cannot be compared."}
    </p>
    <div class="curves">${plots}</div>
  </section>`;
}

function pointsOf(groups: readonly GroupComparison[], task: string, { of }: Cost): readonly CostPoint[] {
  const points = groups
    .filter((each) => each.task === task)
    .flatMap(({ group, comparison }) =>
      comparison.rows.flatMap((row) => {
        const cost = of(row);
        // A teacher that was not trained here cost nothing here.
        if (cost === undefined || cost === 0) return [];
        const { title, isTeacher, accuracy } = row;
        const name = group === "" || isTeacher ? title : `${title}, ${group}`;
        return [{ title: name, cost, accuracy: accuracy.mean, deviation: accuracy.deviation, isTeacher }];
      }),
    );
  // A teacher of several groups is one point.
  return [...new Map(points.map((point) => [`${point.title} ${point.cost} ${point.accuracy}`, point])).values()];
}

function figure({ heading, text }: Cost, task: string, points: readonly CostPoint[]): Html | false {
  if (new Set(points.map(({ cost }) => cost)).size < 2) return false;
  const front = paretoFront(points);
  const more = front.length - NAMED;
  const title = task === "" ? heading : `${heading}, ${task}`;
  return html`<figure>
    <h3>${title}</h3>
    ${costPlot({ points, front, text, label: `Accuracy against ${title.toLowerCase()}, ${points.length} rows` })}
    <figcaption>
      Pareto front:
      <ol>
        ${front.slice(0, NAMED).map(({ title, cost, accuracy }) => html`<li>${title}: ${percent(accuracy)}, ${text(cost)}</li>`)}
      </ol>
      ${more > 0 && `and ${more} more`}
    </figcaption>
  </figure>`;
}
