/** @file The teachers of a run's student, opened by the table of kinds: networks in the run's folder, files that the run names, or why they are not shown. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Engine } from "../../engine/contract.ts";
import { LimbeckError } from "../../errors.ts";
import { experimentOf, kindOfTeacher, readBound, readManifest, runFolderOf } from "../../experiment/node/index.ts";
import { labelMap, teacherRun, teacherTitle } from "../../experiment/settings/index.ts";
import { recordIn, usableNetwork, type NeededModules, type UsableNetwork } from "../../use/index.ts";
import { servedNetwork, servedTeacher, type ReadyNetwork } from "./networks.ts";

export interface ServedTeachers {
  readonly teachers: readonly ReadyNetwork[];
  /** Why others are not there, a sentence each. */
  readonly missing: readonly string[];
}

/** Nothing for a network that had no teacher. What cannot be opened is named, and stops nothing. */
export async function servedTeachers(
  student: Pick<UsableNetwork, "source" | "description">,
  { engine, modules }: { readonly engine: Engine; readonly modules: NeededModules },
): Promise<ServedTeachers> {
  const { source } = student;
  const teachers: ReadyNetwork[] = [];
  const missing: string[] = [];
  const tried = async (open: () => Promise<ReadyNetwork>): Promise<void> => {
    try {
      teachers.push(await open());
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
      missing.push(`The teacher is not shown: ${error.message}`);
    }
  };
  const network = async (title: string, path: string): Promise<ReadyNetwork> => {
    const usable = await usableNetwork(path, modules);
    return servedNetwork(`${title} (${usable.description.name})`, usable, engine);
  };
  if (!/^student|^assistant/.test(basename(dirname(resolve(source))))) return { teachers, missing };
  const folder = runFolderOf(source);
  const saved = join(folder, "teacher", basename(source));
  if (existsSync(saved)) {
    await tried(() => network(teacherTitle(0, 1), saved));
    return { teachers, missing };
  }
  const config = await experimentOf(source);
  if (!config || !("assistants" in config)) return { teachers, missing };
  const { teacher: paths, teacherLogits, teacherOptions: options, teacherLabels, threads } = config;
  const bound = (await readManifest(folder))?.bound;
  const record = await recordIn(dirname(resolve(source)));
  const bind = (name: string, value: string): string => bound?.get(name) ?? value;
  for (const [index, path] of paths.entries()) {
    const title = teacherTitle(index, paths.length);
    await tried(async () => {
      const kind = kindOfTeacher(path);
      const recorded = record?.teachers?.find(({ file }) => file === path)?.kind ?? "weights";
      if (!kind && recorded === "weights") return network(title, path);
      if (!kind) throw unknownKind(path, recorded);
      const opened = await kind.open(path, {
        run: teacherRun(index, paths.length),
        index,
        engine: async () => engine,
        options,
        classNames: Array.isArray(teacherLabels) ? teacherLabels : undefined,
        threads,
        bind,
        read: (name, file) => readBound({ bind }, name, file),
      });
      const { teacher } = opened;
      if (!teacher) {
        await opened.close();
        throw new LimbeckError("ARGUMENT", `${path}, of the kind ${kind.name}, cannot classify pictures`);
      }
      const taught = { weights: path, student: student.description, labels: labelMap(teacherLabels) };
      return servedTeacher(`${title} (${teacher.name})`, teacher, taught);
    });
  }
  if (teacherLogits !== undefined)
    missing.push(
      `The teacher is not shown: ${teacherLogits} holds its logits for the pictures of the training, and no network`,
    );
  return { teachers, missing };
}

function unknownKind(path: string, kind: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `${path} is of the kind ${kind}, which the program that trained with it brought (teacherKinds); limbeck serve knows the project's own`,
  );
}
