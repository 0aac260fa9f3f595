/** @file The report's last section: where its figures come from and how to get them again. */
import type { Results, RunRecord } from "../experiment/index.ts";
import { count } from "./format.ts";
import { html, type Html } from "./html.ts";

/** `command` is the shell command that makes the same runs again. */
export function makingSection(results: Results, runs: readonly RunRecord[], command: string): Html {
  const { environment } = results;
  const facts: readonly (readonly [string, string])[] = [
    ["Data", results.dataset],
    ["Seed", String(results.seed)],
    ["Networks", models(results)],
    ...teacherFacts(results.teachers),
    ["Engine", environment.engine],
    ["Machine", environment.machine],
    ["Runtime", environment.runtime],
    ["Limbeck", environment.limbeck],
    ["Date", environment.date],
  ];
  const settings = runs.map(({ name, model, method, preset, options, weights, pairs }) => ({
    name,
    model,
    method,
    preset,
    options,
    weights,
    pairs,
  }));
  return html`<section id="making" aria-labelledby="making-title">
    <h2 id="making-title">How it was made</h2>
    <p class="quiet">
      The same seed gives the same weights, bit for bit, with any number of threads. To make it again:
    </p>
    <div class="command">
      <pre tabindex="0"><code id="command">${command}</code></pre>
      <button type="button" id="copy" hidden>Copy</button>
      <p class="quiet" id="copied" role="status"></p>
    </div>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <details>
      <summary>Every run's method, options, weights and what it compares</summary>
      <pre tabindex="0"><code>${JSON.stringify(settings, null, 2)}</code></pre>
    </details>
  </section>`;
}

function models({ parameters, firstLayerNorm }: Results): string {
  return Object.entries(parameters)
    .map(([name, size]) => {
      const norm = firstLayerNorm[name];
      return `${name}, ${count(size)} parameters${norm === undefined ? "" : `, first-layer norm ${norm} before training`}`;
    })
    .join("; ");
}

type Origin = NonNullable<Results["teachers"]>[number];

/** A fact for each teacher: its file with its checksum, what runs it and why, and how pictures are made ready for it. */
function teacherFacts(teachers: Results["teachers"] = []): readonly (readonly [string, string])[] {
  return teachers.map((teacher, i) => [teachers.length === 1 ? "Teacher" : `Teacher ${i + 1}`, originOf(teacher)]);
}

const titles: ReadonlyMap<string, string> = new Map([
  ["onnx", "an ONNX file"],
  ["logits", "external logits"],
  ["weights", "weights of a network"],
]);

function originOf({ file, revision, sha256, kind, runner, notImported, leftOut, preprocessing }: Origin): string {
  const commit = revision === undefined ? "" : ` at the commit ${revision}`;
  const sentences = [`${file}${commit}, ${titles.get(kind) ?? `of the kind ${kind}`}, SHA-256 ${sha256}`];
  if (runner === "import") sentences.push("imported: it runs as a network of Limbeck's");
  if (runner === "onnxruntime")
    sentences.push(
      `run by ONNX Runtime${notImported === undefined ? "" : `, because it cannot be imported (${notImported})`}`,
    );
  if (leftOut) sentences.push(`left out at its end: ${leftOut.join(", ")}`);
  if (preprocessing) {
    const { inputShape, resize, interpolation, range, mean, std, channelOrder } = preprocessing;
    const to = typeof resize === "number" ? `shorter side ${resize}` : resize.join(" x ");
    sentences.push(
      `it sees pictures resized to ${to} (${interpolation}), the middle [${inputShape.join(", ")}] cut out, in ${channelOrder}, from 0 to ${range}, ` +
        `mean ${mean.join(", ")}, deviation ${std.join(", ")}`,
    );
  }
  return `${sentences.join(". ")}.`;
}
