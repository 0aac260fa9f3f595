/** @file What a method, an optimiser or a schedule can be told, read from its schema. */
import { z } from "zod";

/** An option by its name. */
export interface MethodOption {
  /** If not said. */
  readonly value: unknown;
  readonly description: string;
  /** Its type and bounds, as a JSON schema has them. */
  readonly allowed: z.core.JSONSchema.JSONSchema;
}

/** The options by name, in the schema's order. */
export function optionsOf(schema: z.ZodType): Record<string, MethodOption> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const { default: value, description = "", ...allowed } = property as z.core.JSONSchema.JSONSchema;
      return [name, { value, description, allowed }];
    }),
  );
}
