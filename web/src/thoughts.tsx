/** @file What the networks think of the same pictures: their soft targets as bars, which a temperature makes flatter. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { imageDataOf } from "./image-data.ts";
import type { RunState } from "./lesson.ts";
import type { Gallery } from "./messages.ts";
import { softmax } from "./softmax.ts";

interface ThoughtsProps {
  readonly gallery: Gallery;
  readonly teacher: RunState | undefined;
  readonly alone: RunState | undefined;
  readonly taught: RunState | undefined;
}

export function Thoughts({ gallery, teacher, alone, taught }: ThoughtsProps): JSX.Element {
  const [temperature, setTemperature] = useState(2);
  const minds = [
    { name: "Teacher", kind: "teacher", run: teacher },
    { name: "Alone", kind: "alone", run: alone },
    { name: "Taught", kind: "taught", run: taught },
  ] as const;
  return (
    <section aria-labelledby="thoughts">
      <h2 id="thoughts">What they think of the same pictures</h2>
      <p>
        The length of a bar is the probability of a class. A label says one class and nothing else; the teacher also
        says which others come close. A higher temperature shows more of that, and these softened answers are what soft
        targets teach.
      </p>
      <label class="slider">
        <span>
          Temperature <output>{temperature}</output>
        </span>
        <input
          type="range"
          min="0.5"
          max="10"
          step="0.5"
          value={temperature}
          onInput={({ currentTarget }) => setTemperature(currentTarget.valueAsNumber)}
        />
      </label>
      <div class="cards">
        {gallery.pictures.map((pixels, i) => {
          const truth = gallery.classes[gallery.labels[i] ?? 0] ?? "";
          return (
            <figure class="card" key={i}>
              <figcaption>
                <Picture {...gallery} pixels={pixels} />
                <b>{truth}</b>
              </figcaption>
              <table>
                <thead>
                  <tr>
                    <th scope="col">
                      <span class="unseen">Class</span>
                    </th>
                    {minds.map(({ name }) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {gallery.classes.map((name, c) => (
                    <tr key={name} class={name === truth ? "truth" : ""}>
                      <th scope="row">{name}</th>
                      {minds.map(({ name: mind, kind, run }) => {
                        const logits = run?.judgement?.logits[i];
                        return <Bar key={mind} kind={kind} share={logits && softmax(logits, temperature)[c]} />;
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </figure>
          );
        })}
      </div>
    </section>
  );
}

function Bar({ kind, share }: { readonly kind: string; readonly share: number | undefined }): JSX.Element {
  if (share === undefined) return <td />;
  const percent = `${(100 * share).toFixed(1)}%`;
  return (
    <td title={percent}>
      <i class={kind} style={{ width: percent }} />
      <span class="unseen">{percent}</span>
    </td>
  );
}

interface PictureProps {
  /** [3, height, width] */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export function Picture({ pixels, width, height }: PictureProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext("2d")?.putImageData(imageDataOf(pixels, width, height), 0, 0);
  }, [pixels, width, height]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden="true" />;
}
