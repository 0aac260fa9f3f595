/**
 * @file Loads pictures in a process of its own: `node load-images-child.ts PATH CACHE SIZE`. Prints `decoding` at the first picture that
 * it decodes; at the end, in JSON, a checksum over all images, how many it decoded, and the most memory that it had, or the error's code.
 */
import { createHash } from "node:crypto";
import { loadImages } from "../../src/entries/node.ts";

const [, , path, cache, size] = process.argv;
let decoded = 0;
try {
  const dataset = await loadImages(path!, {
    size: Number(size),
    cache: cache!,
    onProgress({ step }) {
      if (step === "decoding" && decoded++ === 0) process.stdout.write("decoding\n");
    },
  });
  const hash = createHash("sha256");
  for (const { count, image } of [dataset.train, dataset.test]) for (let i = 0; i < count; i++) hash.update(image(i));
  const megabytes = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ sum: hash.digest("hex"), decoded, megabytes })}\n`);
} catch (error) {
  const { code = "UNEXPECTED", message } = error as { readonly code?: string; readonly message: string };
  process.stdout.write(`${JSON.stringify({ code, message })}\n`);
}
