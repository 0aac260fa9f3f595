/** @file The study report's last sections: runs without a result, the protocol, where figures come from and how to get them again. */
import { count, html, type Html } from "../../report/index.ts";
import type { ReportedRun, RunTrouble, StudyReportInput } from "./input.ts";

/** Nothing where every run has a result. */
export function troubleSection(troubles: readonly RunTrouble[], unfinished: number): Html | false {
  if (troubles.length === 0 && unfinished === 0) return false;
  return html`<section id="failed" aria-labelledby="failed-title">
    <h2 id="failed-title">Runs without a result</h2>
    ${unfinished > 0 && html`<p>${count(unfinished)} ${unfinished === 1 ? "run is" : "runs are"} not finished, and in no figure of this page.</p>`}
    ${
      troubles.length > 0 &&
      html`<dl class="facts">
        ${troubles.map(
          ({ title, isSetAside, code, message }) =>
            html`<dt>${title}</dt>
              <dd>${isSetAside ? "Set aside" : "Failed once"}: ${code}: ${message}</dd>`,
        )}
      </dl>`
    }
  </section>`;
}

/** How runs were chosen and measured, what computed them, and their identities. */
export function protocolSection({ groups, runs, protocol, command, description }: StudyReportInput): Html {
  const tuning = new Set(groups.flatMap((group) => group.tuning?.protocol ?? []));
  const facts = [
    ["Runs", count(runs.length)],
    ["Seeds", [...new Set(runs.map(({ seed }) => seed))].toSorted((a, b) => a - b).join(", ")],
    ["Engines", tallied(runs, ({ engine }) => engine)],
    ["Machines", tallied(runs, ({ machine }) => machine)],
    ["Limbeck", tallied(runs, ({ limbeck }) => limbeck)],
  ] as const;
  return html`<section id="making" aria-labelledby="making-title">
    <h2 id="making-title">How it was made</h2>
    <ul>
      ${[...protocol, ...tuning].map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
    <p class="quiet">
      The same settings, images, teacher and seed give the same weights, bit for bit, with any number of threads and
      workers. To make it again:
    </p>
    <div class="command">
      <pre tabindex="0"><code id="command">${command}</code></pre>
      <button type="button" id="copy" hidden>Copy</button>
      <p class="quiet" id="copied" role="status"></p>
    </div>
    ${
      description !== undefined &&
      html`<details>
        <summary>The description, study.yaml</summary>
        <pre tabindex="0"><code>${description}</code></pre>
      </details>`
    }
    <dl class="facts">
      ${facts
        .filter(([, value]) => value !== "")
        .map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
    </dl>
    ${identities(runs)}
  </section>`;
}

/** `wasm, 12 runs; webgpu, 3 runs` */
function tallied(runs: readonly ReportedRun[], of: (run: ReportedRun) => string): string {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(of(run), (counts.get(of(run)) ?? 0) + 1);
  if (counts.size < 2) return [...counts.keys()].join("");
  return [...counts].map(([name, n]) => `${name}: ${count(n)} ${n === 1 ? "run" : "runs"}`).join("; ");
}

function identities(runs: readonly ReportedRun[]): Html | false {
  const known = runs.filter(({ identity }) => identity !== undefined);
  if (known.length === 0) return false;
  return html`<details>
    <summary>Identities: the hash of each run's settings, images, teacher and modules</summary>
    <div class="scroll tall" role="region" tabindex="0" aria-label="Identities">
      <table class="classes">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          ${known.map(
            ({ title, identity }) =>
              html`<tr>
                <th scope="row" title="${title}">${title}</th>
                <td><code>${identity}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
