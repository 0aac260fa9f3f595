/** @file What a method can be told, read from its schema. */
import { z } from "zod";

/** An option of a method. */
export interface MethodOption {
  /** If not said. */
  readonly value: unknown;
  readonly description: string;
}

/** The options by name, in the schema's order. */
export function optionsOf(schema: z.ZodType): Record<string, MethodOption> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const { default: value, description = "" } = property as z.core.JSONSchema.JSONSchema;
      return [name, { value, description }];
    }),
  );
}
