/** @file The table of distillation methods. */
import { unknownName } from "../nearest-name.ts";
import { ce } from "./ce.ts";
import { cosine } from "./cosine.ts";
import { kd } from "./kd.ts";
import type { Method } from "./method.ts";
import { regressor } from "./regressor.ts";

export * from "./losses.ts";
export * from "./method.ts";
export * from "./objective.ts";

/** Every method by name. */
export const methods = { ce, kd, cosine, regressor } as const satisfies Record<string, Method<unknown>>;

export type MethodName = keyof typeof methods;

/** The method of this name. Throws UNKNOWN_NAME with the nearest one. */
export function findMethod(name: string): Method<unknown> {
  if (!Object.hasOwn(methods, name)) unknownName("method", name, Object.keys(methods));
  return methods[name as MethodName];
}
