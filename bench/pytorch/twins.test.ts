import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { rows, type Row } from "../rows.ts";
import { python, startTorch } from "./process.ts";
import { checkTwins } from "./twins.ts";

test.skipIf(!existsSync(python))("PyTorch's networks have as many parameters as ours", async (context) => {
  const torch = await startTorch(1);
  if (!torch) return context.skip("Debian's PyTorch is not installed");
  for (const row of Object.values<Row>(rows)) await checkTwins(torch, row);
  const { title, pytorch } = rows["light-train"];
  const mistaken: Row = { title, pytorch, work: rows["deep-train"].work, goals: [] };
  await expect(checkTwins(torch, mistaken)).rejects.toThrow("should have the 1186986 parameters of DeepNN, got 267738");
  torch.close();
});
