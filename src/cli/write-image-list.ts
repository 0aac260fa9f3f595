/** @file `--list-images FILE`: the pictures of a training, written down for who computes a teacher's logits elsewhere. */
import { writeFile } from "node:fs/promises";
import { LimbeckError } from "../errors.ts";
import { listImages } from "../experiment/node/list-images.ts";
import { oneLine } from "../printable.ts";
import { jsonLine, print } from "./output.ts";
import { display, shownWork } from "./progress.ts";

/** Throws as `listImages`; OUTPUT where the file cannot be written. */
export async function writeImageList(
  file: string,
  settings: Readonly<Record<string, unknown>>,
  json: boolean,
): Promise<void> {
  const { notes, ...list } = await shownWork((shown, signal) =>
    listImages(settings, { signal, onPictures: shown.pictures }),
  );
  const shown = display();
  for (const note of notes) shown.note(note);
  await writeFile(file, `${JSON.stringify(list, undefined, 1)}\n`).catch((cause: Error) => {
    throw new LimbeckError("OUTPUT", `${file} cannot be written: ${cause.message}; choose another path`, { cause });
  });
  const counts = Object.fromEntries(Object.entries(list.splits).map(([which, { images }]) => [which, images.length]));
  const said = Object.entries(counts).map(([which, count]) => `${count} for ${which === "train" ? "training" : which}`);
  const heldOut = Object.keys(counts).filter((which) => which !== "train");
  if (!json && heldOut.length > 0) {
    shown.note(
      `Held out: the ${heldOut.join(" and ")} images. Figures on them mean something only if the external teacher was not trained on them.`,
    );
  }
  await print(json ? jsonLine({ written: file, images: counts }) : `Written: ${oneLine(file)}, ${said.join(", ")}`);
}
