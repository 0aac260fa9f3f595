/** @file The worker: loads the student, and answers pictures with their classes. The page stays free meanwhile. */
import { loadModel, predict, wasmEngine, type LoadedModel, type Prediction } from "limbeck/infer";

/** The classes of the latest picture, the most probable first. */
export type Answer = { readonly classes: Prediction } | { readonly error: string };

const student = load();

/** The picture that the page shows the answer of: an earlier one that takes longer is not answered any more. */
let latest: File | undefined;

addEventListener("message", async ({ data: picture }: MessageEvent<File>) => {
  latest = picture;
  const answer: Answer = await student
    .then((student) => predict(student, picture, { top: 3 }))
    .then(
      (classes) => ({ classes }),
      (error: Error) => ({ error: error.message }),
    );
  if (picture === latest) postMessage(answer);
});

/** `public/student.safetensors`. */
async function load(): Promise<LoadedModel> {
  const response = await fetch("/student.safetensors");
  if (!response.ok) throw new Error(`student.safetensors cannot be loaded: ${response.status}; copy it to public/`);
  return loadModel(new Uint8Array(await response.arrayBuffer()), await wasmEngine({ threads: 1 }));
}
