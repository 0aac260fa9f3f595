/** @file The model card of a student that is taken along as a page. */
import type { RunState } from "./lesson.ts";

export function cardOf({ title, model, finished, judgement }: RunState): string {
  const count = judgement?.confusion.flat().reduce((sum, images) => sum + images, 0) ?? 0;
  const result = judgement
    ? `It is right about ${judgement.accuracy.toFixed(1)} % of ${count} pictures that it was not trained on.`
    : "It was not tested.";
  return `# ${model}

${title}: trained in Limbeck's playground, ${finished?.parameters.toLocaleString("en") ?? "?"} parameters. ${result}

It knows the classes that it was taught and no others: of a picture of something else, it names one of them all the same.

Serve this folder and open it, or use it in a page of your own:

\`\`\`js
import { load } from "./student.js";

const { classify } = await load();
const [best] = classify(canvas); // or ImageData, an ImageBitmap, an image, a video
console.log(best.name, best.probability);
\`\`\`
`;
}
