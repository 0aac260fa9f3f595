/** @file Models of the Hugging Face hub as teachers of an experiment: files of one commit, opened as an ONNX file is. */
import { join } from "node:path";
import { isHubName, parseHubName, type HubName } from "../../data/hub-name.ts";
import { openRepository, type HubRepository } from "../../data/node/hub/repository.ts";
import { readRegularFile } from "../../data/node/read-file.ts";
import { readOnnx } from "../../onnx/index.ts";
import type { OpenContext, TeacherKind } from "./kind.ts";
import { externalLocations } from "./external.ts";
import { openOnnx } from "./onnx.ts";
import { chosenFile, describing, describingPlaces } from "./repository.ts";

type Downloading = Pick<OpenContext, "onDownload" | "signal">;

/** Opening throws as `openRepository`, `chosenFile` and `openOnnx`. A resumed experiment keeps the commit that it was begun with. */
export const hubKind: TeacherKind = {
  name: "hub",
  matches: isHubName,
  file: async (text, context = {}) => (await teacherFiles(parseHubName(text), context)).path,
  async open(text, context) {
    const name = parseHubName(text);
    const latest = await repositoryOf(name, context);
    const bound = context.bind(`commit of ${context.run}`, latest.commit);
    const repository = bound === latest.commit ? latest : await repositoryOf({ ...name, revision: bound }, context);
    const { path, file } = await filesOf(repository, name);
    const opened = await openOnnx(
      path,
      { file: text, revision: bound, name: name.repository.split("/").at(-1)! },
      context,
    );
    const note = `${text} is ${file} of the commit ${bound.slice(0, 12)}`;
    return { ...opened, notes: [...repository.notes, note, ...opened.notes] };
  },
};

function repositoryOf(name: HubName, { onDownload: onProgress, signal }: Downloading): Promise<HubRepository> {
  return openRepository(name, { type: "model", onProgress, signal });
}

async function teacherFiles(name: HubName, downloading: Downloading): Promise<{ readonly path: string }> {
  return filesOf(await repositoryOf(name, downloading), name);
}

/** Gets the ONNX file that is meant, what describes it and the files that hold its constants' numbers. */
async function filesOf(
  repository: HubRepository,
  { part }: HubName,
): Promise<{ readonly path: string; readonly file: string }> {
  const file = chosenFile(repository.files, repository.name, part);
  const described = describing.flatMap((name) =>
    describingPlaces(file, name).filter((place) => repository.files.includes(place)),
  );
  await repository.get([...described, file]);
  const path = join(repository.folder, file);
  const external = externalLocations(readOnnx(await readRegularFile(path), path));
  const beside = external.map((location) => join(file, "..", location).replaceAll("\\", "/"));
  // One that the repository does not have is refused where the file is opened.
  await repository.get(beside.filter((place) => repository.files.includes(place)));
  return { path, file };
}
