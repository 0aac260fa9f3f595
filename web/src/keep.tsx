/** @file What is left of a lesson: files to keep. */
import type { JSX } from "preact";
import type { RunState } from "./lesson.ts";

export function Keep({ runs }: { readonly runs: readonly RunState[] }): JSX.Element | null {
  const finished = runs.filter(({ finished }) => finished);
  if (finished.length === 0) return null;
  return (
    <section aria-labelledby="keep">
      <h2 id="keep">Keep them</h2>
      <p>
        Weights as a safetensors file, which says which network it holds: <code>limbeck evaluate</code> and PyTorch open
        it.
      </p>
      <ul class="files">
        {finished.map((run) => (
          <li key={run.id}>
            <span>{run.title}</span>
            <button type="button" onClick={() => save(`${fileName(run)}.safetensors`, run.finished!.file)}>
              Weights <span class="unseen">of {run.title}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `LightNN-ab` */
function fileName({ model, id }: RunState): string {
  return `${model}-${id}`;
}

function save(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const href = URL.createObjectURL(new Blob([bytes]));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  URL.revokeObjectURL(href);
}
