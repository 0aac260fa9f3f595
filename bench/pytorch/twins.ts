/** @file Whether PyTorch's networks are the same as ours, as far as a number can say. */
import { LimbeckError } from "../../src/errors.ts";
import { createModel } from "../../src/models/index.ts";
import { countParameters } from "../../src/nn/index.ts";
import type { Row } from "../rows.ts";
import type { Torch } from "./process.ts";

/** Throws ARGUMENT unless each of the row's networks has as many parameters in PyTorch as here: times of others say nothing. */
export async function checkTwins(torch: Pick<Torch, "ask">, { title, work, pytorch }: Row): Promise<void> {
  const ours = countParameters(createModel(work.model).module);
  for (const network of new Set(Object.values(pytorch).map((request) => request.network))) {
    const { parameters } = await torch.ask({ network, count: true });
    if (parameters === ours) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `${title}: PyTorch's ${network} should have the ${ours} parameters of ${work.model}, got ${parameters}; correct bench/pytorch/networks.py`,
    );
  }
}
