/** @file Evaluation as it is published. */
import * as evaluation from "../../train/evaluate/evaluate.ts";
import { checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";

export const evaluate = checkedAsync("evaluate", evaluation.evaluate, { options: is.evaluateOptions });
