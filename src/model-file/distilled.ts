/** @file The network that a method made of its student and its teacher. */
import { combined, findMethod } from "../distill/index.ts";
import type { DistilledArchitecture, Model } from "../models/index.ts";
import { learner } from "../distill/learner.ts";
import { madeWith, type Own } from "./own.ts";

/** Throws as `build`. */
export function distilled(
  { method, options, from = {} }: DistilledArchitecture,
  { student, teacher }: { readonly student: Model; readonly teacher: Model },
  { methods: own, force }: Own,
): Model {
  const methods = method.split("+").map((name) => {
    const source = Object.hasOwn(from, name) ? from[name] : undefined;
    return source ? madeWith("method", name, source, { parts: own.values(), force }) : findMethod(name);
  });
  // The number of images concerns what is trained beside the network alone.
  return learner(student, combined(methods, options), teacher, { images: 1 }).model;
}
