/** @file What students learn from a teacher that the study trains, on disk: computed by one worker, read by the others. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeNested } from "../../data/node/folders.ts";
import { tryLock } from "../../data/node/lock.ts";
import type { KeepTargets } from "../../experiment/index.ts";
import { readKept, writeKept } from "../../teachers/node/index.ts";
import { stopIfAborted, type CachedOutput, type TeacherCache } from "../../train/index.ts";
import type { StoredTensor } from "../../weights/index.ts";

/** The folder of these files in the folder of a study. */
export const TARGETS = "targets";
/** Of one file; larger targets are computed by each worker. */
const MOST_BYTES = 2 ** 28;
/** Milliseconds between looks at what another worker computes. */
const PAUSE = 200;

/** Keeps targets in the folder of a study. While one worker computes some, others wait for them. */
export function keepTargets(folder: string): KeepTargets {
  const within = join(folder, TARGETS);
  return async function* (key, work, { bytes, signal }) {
    if (bytes > MOST_BYTES) return yield* work();
    const name = `${key}.safetensors`;
    const known = async (): Promise<readonly TeacherCache[] | undefined> => {
      const tensors = await readKept(join(within, name));
      return tensors && fromTensors(tensors);
    };
    await makeNested(within);
    for (;;) {
      const before = await known();
      if (before) return before;
      const lock = await tryLock(join(within, `${key}.lock`), signal);
      try {
        // Meanwhile, by another.
        const found = lock && (await known());
        if (found) return found;
        if (lock) {
          const made = yield* work();
          await writeKept(within, name, toTensors(made));
          return made;
        }
      } finally {
        await lock?.release();
      }
      await sleep(PAUSE);
      stopIfAborted(signal, "another worker computes what the teacher says");
    }
  };
}

/** By `0/logits`: the place of the learner, and what the target is called; `0/logits/mirrored`. */
function toTensors(caches: readonly TeacherCache[]): ReadonlyMap<string, StoredTensor> {
  const entries = caches.flatMap((cache, i) =>
    Object.entries(cache).flatMap(([name, { shape, values, mirrored }]) =>
      [values, ...(mirrored ? [mirrored] : [])].map((each, side) => {
        const count = each.length / shape.reduce((product, size) => product * size, 1);
        return [`${i}/${name}${side === 0 ? "" : MIRRORED}`, { shape: [count, ...shape], values: each }] as const;
      }),
    ),
  );
  return new Map(entries);
}

const MIRRORED = "/mirrored";

function fromTensors(tensors: ReadonlyMap<string, StoredTensor>): readonly TeacherCache[] {
  const caches: Record<string, CachedOutput>[] = [];
  for (const [path, { shape, values }] of tensors) {
    if (path.endsWith(MIRRORED)) continue;
    const [place = "", ...name] = path.split("/");
    const mirrored = tensors.get(`${path}${MIRRORED}`)?.values;
    const cache = (caches[Number(place)] ??= {});
    cache[name.join("/")] = { shape: shape.slice(1), values, mirrored };
  }
  return caches;
}
