/** @file A line of `steps.jsonl`, checked. */
import * as z from "zod/mini";
import type { StepLoss } from "../report/index.ts";

export const stepLoss: z.ZodMiniType<StepLoss> = z.object({
  step: z.int().check(z.positive()),
  phase: z.exactOptional(z.string()),
  epoch: z.int().check(z.positive()),
  terms: z.record(z.string(), z.number()),
});
