/** @file A student in use: what it takes a drawing, a picture or the camera's view for. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { openCamera, type Camera } from "./camera.ts";
import type { Requester } from "./client.ts";
import { FileButton } from "./file-button.tsx";
import type { RunState } from "./lesson.ts";
import type { Answer, Opened } from "./messages.ts";
import { messageOf, Problem } from "./problem.tsx";
import { contextOf, Sketch } from "./sketch.tsx";

interface TryProps {
  readonly runs: readonly RunState[];
  readonly request: Requester;
}

interface Student extends Opened {
  readonly title: string;
}

export function Try({ runs, request }: TryProps): JSX.Element {
  const [student, setStudent] = useState<Student>();
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const [problem, setProblem] = useState("");
  const [camera, setCamera] = useState<Camera>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const isAsking = useRef(false);
  useEffect(() => () => camera?.close(), [camera]);

  const attempt = (work: Promise<unknown>): Promise<void> =>
    work.then(
      () => setProblem(""),
      (error: unknown) => setProblem(messageOf(error)),
    );
  const open = async (title: string, file: Uint8Array): Promise<void> => {
    setStudent({ title, ...(await request<"open">({ kind: "open", file })) });
    setAnswers([]);
  };
  const openFile = async (file: File | undefined): Promise<void> => {
    if (file) await open(file.name, new Uint8Array(await file.arrayBuffer()));
  };
  /** One question at a time: what is drawn meanwhile is asked about with the next. */
  const ask = async (): Promise<void> => {
    const context = contextOf(canvas.current);
    if (!context || isAsking.current) return;
    isAsking.current = true;
    const { width, height } = context.canvas;
    const { data } = context.getImageData(0, 0, width, height);
    await attempt(
      request<"classify">({ kind: "classify", picture: { data, width, height } }).then((found) => setAnswers(found)),
    );
    isAsking.current = false;
  };
  const show = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    camera?.close();
    setCamera(undefined);
    setAnswers(await request<"classify">({ kind: "classify", picture: file }));
    const bitmap = await createImageBitmap(file);
    drawCovering(canvas.current, bitmap, bitmap.width, bitmap.height);
    bitmap.close();
  };
  const toggleCamera = async (): Promise<void> => {
    setCamera(undefined);
    if (camera) return;
    setCamera(
      await openCamera((video) => {
        drawCovering(canvas.current, video, video.videoWidth, video.videoHeight);
        void ask();
      }),
    );
  };
  const finished = runs.filter((run) => run.finished);
  return (
    <section aria-labelledby="try">
      <h2 id="try">Try a student</h2>
      <p>
        Draw a shape, choose a picture or use the camera. A drawing is unlike what it was trained on, so it may be
        unsure.
      </p>
      <div class="row">
        {finished.map((run) => (
          <button
            key={run.id}
            type="button"
            aria-pressed={student?.title === run.title}
            onClick={() => run.finished && attempt(open(run.title, run.finished.file))}
          >
            {run.title}
          </button>
        ))}
        <FileButton accept=".safetensors" take={([file]) => void attempt(openFile(file))}>
          Open a weights file
        </FileButton>
      </div>
      <Problem text={problem} />
      {student && (
        <div class="trial">
          <div>
            <Sketch canvas={canvas} isDisabled={camera !== undefined} onDraw={() => void ask()} />
            <div class="row">
              <FileButton accept="image/*" take={([file]) => void attempt(show(file))}>
                Choose a picture
              </FileButton>
              <button type="button" onClick={() => void attempt(toggleCamera())}>
                {camera ? "Stop the camera" : "Use the camera"}
              </button>
            </div>
          </div>
          <div aria-live="polite">
            <p>
              <b>{student.title}</b> <span class="quiet">{`${student.name}, ${student.classes.length} classes`}</span>
            </p>
            <ol class="answers">
              {answers.map(({ name, probability }) => (
                <li key={name}>
                  <span>{name}</span>
                  <i style={{ "--share": `${100 * probability}%` }} />
                  <span>{(100 * probability).toFixed(1)} %</span>
                </li>
              ))}
            </ol>
          </div>
        </div>
      )}
    </section>
  );
}

/** Fills the canvas with the middle of a picture. */
function drawCovering(
  canvas: HTMLCanvasElement | null,
  source: CanvasImageSource,
  width: number,
  height: number,
): void {
  const context = contextOf(canvas);
  if (!context || width === 0 || height === 0) return;
  const side = Math.min(width, height);
  const { width: to } = context.canvas;
  context.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, to, to);
}
