/** @file Distils an image classifier of the Hugging Face Hub into a small student: `npm start -- OWNER/NAME PHOTOS`. */
import { openExperiment } from "limbeck/node";

const [repository, photos, out = "runs/hub"] = process.argv.slice(2);
if (!repository || !photos) throw new Error("give a repository of the hub and a folder of pictures");

const experiment = await openExperiment(
  "distill",
  {
    dataset: photos,
    // Its ONNX file, its classes and how pictures are prepared for it.
    teacher: `hf:${repository}`,
    student: "resnet8",
    size: 32,
    epochs: 20,
    augment: { flip: {} },
    teacherViews: "flip",
    latency: false,
  },
  { out, onDownload: ({ note }) => note && console.log(note) },
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
