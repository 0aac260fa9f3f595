/** @file The teachers of a run's student: networks in the run's folder, files that the run names, or why they cannot be asked. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Engine } from "../../engine/contract.ts";
import { LimbeckError } from "../../errors.ts";
import { readManifest } from "../../experiment/node/manifest.ts";
import { experimentOf, runFolderOf } from "../../experiment/node/run-folder.ts";
import { usableNetwork, type NeededModules, type UsableNetwork } from "../../use/index.ts";
import { isOnnx, labelMap, teacherRun, teacherTitle } from "../../experiment/teacher-config.ts";
import { openSameTeacher } from "../../teachers/node/index.ts";
import { askedNetwork, askedTeacher, type AskedNetwork } from "./asked.ts";

export interface ServedTeachers {
  readonly teachers: readonly AskedNetwork[];
  /** Why others are not there, a sentence each. */
  readonly missing: readonly string[];
}

/** Nothing for a network that had no teacher. What cannot be opened is named, and stops nothing. */
export async function servedTeachers(
  student: Pick<UsableNetwork, "source" | "description">,
  { engine, modules }: { readonly engine: Engine; readonly modules: NeededModules },
): Promise<ServedTeachers> {
  const { source } = student;
  const teachers: AskedNetwork[] = [];
  const missing: string[] = [];
  const tried = async (open: () => Promise<readonly AskedNetwork[]>): Promise<void> => {
    try {
      teachers.push(...(await open()));
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
      missing.push(`The teacher is not shown: ${error.message}`);
    }
  };
  const network = async (title: string, path: string): Promise<AskedNetwork[]> => {
    const usable = await usableNetwork(path, modules);
    return [await askedNetwork(`${title} (${usable.description.name})`, usable, engine)];
  };
  if (!/^student|^assistant/.test(basename(dirname(resolve(source))))) return { teachers, missing };
  const folder = runFolderOf(source);
  const own = join(folder, "teacher", basename(source));
  if (existsSync(own)) {
    await tried(() => network(teacherTitle(0, 1), own));
    return { teachers, missing };
  }
  const config = await experimentOf(source);
  if (!config || !("assistants" in config)) return { teachers, missing };
  const { teacher: paths, teacherLogits } = config;
  for (const [i, path] of paths.entries()) {
    const title = teacherTitle(i, paths.length);
    if (!isOnnx(path)) {
      await tried(() => network(title, path));
      continue;
    }
    await tried(async () => {
      const bound = (await readManifest(folder))?.bound;
      const { teacherOptions: options, teacherLabels, threads } = config;
      const opened = await openSameTeacher(path, {
        run: teacherRun(i, paths.length),
        engine: async () => engine,
        options,
        classNames: Array.isArray(teacherLabels) ? teacherLabels : undefined,
        threads,
        bind: (name, value) => bound?.get(name) ?? value,
      });
      const taught = { weights: path, student: student.description, labels: labelMap(teacherLabels) };
      return [askedTeacher(`${title} (${opened.name})`, opened, taught)];
    });
  }
  if (teacherLogits !== undefined)
    missing.push(
      `The teacher is not shown: ${teacherLogits} holds its logits for the pictures of the training, and no network`,
    );
  return { teachers, missing };
}
