/** @file A server that answers an uploaded picture with its classes: `npm start -- student.safetensors`. */
import { readFile } from "node:fs/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { LimbeckError, loadModel, predict, wasmEngine } from "limbeck/infer";

const [file = "student.safetensors", port = "8080"] = process.argv.slice(2);

// One thread computes small networks soonest, and leaves the other cores to other requests' decoding.
const engine = await wasmEngine({ threads: 1 });
const student = await loadModel(await readFile(file), engine, { source: file });

const app = new Hono();

app.post("/classify", bodyLimit({ maxSize: 10 * 2 ** 20 }), async (context) => {
  const { picture } = await context.req.parseBody();
  if (!(picture instanceof File)) return context.json({ error: "send a file as the field picture" }, 400);
  return context.json({ classes: await predict(student, picture, { top: 3 }) });
});

app.onError((error, context) => {
  if (error instanceof HTTPException) return error.getResponse();
  if (error instanceof LimbeckError && error.code === "DATA_FORMAT") return context.json({ error: error.message }, 400);
  console.error(error);
  return context.json({ error: "the picture could not be classified" }, 500);
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port) }, (address) => {
  console.log(`http://127.0.0.1:${address.port}/classify`);
});
