/** @file What is left of a lesson: files to keep. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { cardOf } from "./card.ts";
import type { Requester } from "./client.ts";
import type { RunState } from "./lesson.ts";
import { messageOf, Problem } from "./problem.tsx";

interface KeepProps {
  readonly runs: readonly RunState[];
  readonly request: Requester;
}

export function Keep({ runs, request }: KeepProps): JSX.Element | null {
  const [problem, setProblem] = useState("");
  const finished = runs.filter((run) => run.finished);
  if (finished.length === 0) return null;
  const pack = async (run: RunState): Promise<void> => {
    if (!run.finished) return;
    try {
      save(
        `${fileName(run)}.zip`,
        await request<"pack">({ kind: "pack", file: run.finished.file, about: cardOf(run) }),
      );
      setProblem("");
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <section aria-labelledby="keep">
      <h2 id="keep">Keep them</h2>
      <p>
        Weights are a safetensors file, which <code>limbeck evaluate</code> and PyTorch open. A web page is a folder
        that any server serves: the network without Limbeck, ready to be asked.
      </p>
      <ul class="files">
        {finished.map((run) => (
          <li key={run.id}>
            <span>{run.title}</span>
            <button
              type="button"
              onClick={() => run.finished && save(`${fileName(run)}.safetensors`, run.finished.file)}
            >
              Weights<span class="unseen"> of {run.title}</span>
            </button>
            <button type="button" onClick={() => void pack(run)}>
              Web page<span class="unseen"> of {run.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <Problem text={problem} />
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
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
