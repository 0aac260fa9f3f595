/** @file What a teacher in a file is: the hash of all that it is read from. */
import { dirname, join } from "node:path";
import { sha256OfFile } from "../../data/node/checksums.ts";
import { readRegularFile } from "../../data/node/read-file.ts";
import { readOnnx } from "../../onnx/index.ts";
import { sha256Hex } from "../../sha256.ts";
import { readExternal } from "./external.ts";
import { beside } from "./open.ts";

/** The SHA-256 of the file; of an ONNX file that has external data, or is described by files beside it, of all of them. Rejects as the file system does. */
export async function hashTeacher(path: string): Promise<string> {
  const file = await sha256OfFile(path);
  if (!path.toLowerCase().endsWith(".onnx")) return file;
  const external = await readExternal(readOnnx(await readRegularFile(path), path), path);
  const described = await Promise.all(beside.map((name) => sha256OfFile(join(dirname(path), name)).catch(() => "")));
  const others = [...(await Promise.all([...external.values()].map(sha256Hex))), ...described].filter(Boolean);
  return others.length > 0 ? sha256Hex(JSON.stringify([file, ...others])) : file;
}
