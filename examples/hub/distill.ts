/** @file Distils an image classifier of the Hugging Face Hub into a small student: `npm start -- OWNER/NAME PHOTOS`. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openExperiment } from "limbeck/node";

const [repository, photos, out = "runs/hub"] = process.argv.slice(2);
if (!repository || !photos) throw new Error("give a repository of the hub and a folder of pictures");
// Mirrors of the hub are named like this by its own tools, too.
const hub = process.env["HF_ENDPOINT"] ?? "https://huggingface.co";

/** Downloads a file of the repository, and returns its path. */
async function download(file: string): Promise<string> {
  const path = join("teachers", repository!, file.replace("onnx/", ""));
  const response = await fetch(`${hub}/${repository}/resolve/main/${file}`);
  if (!response.ok) throw new Error(`${repository} has no ${file}: ${response.status} ${response.statusText}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, new Uint8Array(await response.arrayBuffer()));
  return path;
}

// How the teacher's pictures are prepared, and its classes: Limbeck reads both beside the ONNX file.
const [teacher] = await Promise.all(["onnx/model.onnx", "preprocessor_config.json", "config.json"].map(download));

const experiment = await openExperiment(
  "distill",
  {
    dataset: photos,
    teacher: teacher!,
    student: "resnet8",
    size: 32,
    epochs: 20,
    augment: { flip: {} },
    teacherSees: "flip",
    latency: false,
  },
  { out },
);
try {
  for await (const event of experiment.run()) {
    if (event.kind === "note") console.log(event.text);
    if (event.kind === "run-end") console.log(`${event.run}: done`);
  }
} finally {
  await experiment.close();
}
console.log(`next: npx limbeck export ${out}`);
