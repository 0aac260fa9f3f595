// What a server makes of a student's folder, in plain JavaScript: prints the logits of an image and its classes.
// node server.mjs FOLDER WIDTH HEIGHT [MODULE], RGBA bytes on stdin
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [folder, width, height, module = "student.wasm"] = process.argv.slice(2);
const { load } = await import(pathToFileURL(join(folder, "student.js")).href);
const { classify, logits } = await load({
  wasm: readFile(join(folder, module)),
  weights: readFile(join(folder, "weights.bin")),
});
const image = { data: await buffer(process.stdin), width: Number(width), height: Number(height) };
console.log(JSON.stringify({ node: process.versions.node, logits: [...logits(image)], classes: classify(image) }));
