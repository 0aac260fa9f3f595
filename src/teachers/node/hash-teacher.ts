/** @file What a teacher in a file is: the hash of all that it is read from. */
import { sha256OfFile } from "../../data/node/checksums.ts";
import { readRegularFile } from "../../data/node/read-file.ts";
import { readOnnx } from "../../onnx/index.ts";
import { sha256Hex } from "../../sha256.ts";
import { readExternal } from "./external.ts";
import { describing, describingPlaces, onnxFile } from "./repository.ts";

/** The SHA-256 of the file; of an ONNX file, or that of a repository's folder, that has external data or files that describe it, of all of them. Rejects as the file system does. */
export async function hashTeacher(fileOrFolder: string): Promise<string> {
  const path = onnxFile(fileOrFolder);
  const file = await sha256OfFile(path);
  if (!path.toLowerCase().endsWith(".onnx")) return file;
  const external = await readExternal(readOnnx(await readRegularFile(path), path), path);
  const described = await Promise.all(describing.map((name) => hashFirst(describingPlaces(path, name))));
  const others = [...(await Promise.all([...external.values()].map(sha256Hex))), ...described].filter(Boolean);
  return others.length > 0 ? sha256Hex(JSON.stringify([file, ...others])) : file;
}

/** Of the first file that is there. */
async function hashFirst(places: readonly string[]): Promise<string> {
  for (const place of places) {
    const hash = await sha256OfFile(place).catch(() => "");
    if (hash) return hash;
  }
  return "";
}
