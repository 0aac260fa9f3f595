/** @file Flow of solution procedure: before the training proper, the student's features learn to change from stage to stage as the teacher's. */
import { LimbeckError } from "../../errors.ts";
import { axisSize, add, matmul, mean, mul, reshape, square, sub, type Tensor } from "../../tensor/index.ts";
import { connected, connectorsOf } from "../connector.ts";
import { commonSize, pooledTo, together } from "../losses/maps.ts";
import type { Batch, Method, Targets } from "../method.ts";
import type { Stage } from "../observed.ts";
import * as option from "../option.ts";
import { everyStagePair, pairedStages } from "../pairs.ts";

/** Σ over neighbouring stages of mean (F_s - F_t)², F as `flows` gives them. Yim, Joo, Bae and Kim 2017, equation 2. */
export function flowLoss(student: readonly Tensor[], teacher: readonly Tensor[]): Tensor {
  const parts = together("flowLoss", student, teacher).map(([s, t]) => mean(square(sub(s, t))));
  return parts.reduce((total, part) => add(total, part));
}

/**
 * F[n, i, j] = 1/(H·W) Σ over places of a[n, i]·b[n, j], [N, C_a, C_b], of each stage a [N, C_a, H, W] and the next b; the
 * larger of two map sizes is averaged down. Throws SHAPE. Yim et al. 2017, equation 1.
 */
export function flows(stages: readonly Tensor[]): Tensor[] {
  const flat = (x: Tensor): Tensor => reshape(x, [axisSize(x, 0), axisSize(x, 1), -1]);
  return stages.flatMap((a, i) => {
    const b = stages[i + 1];
    if (!b) return [];
    const size = commonSize("fsp", a.shape, b.shape);
    const [from, to] = [flat(pooledTo(a, size)), flat(pooledTo(b, size))];
    return [mul(matmul(from, to, { transposeB: true }), 1 / axisSize(from, 2))];
  });
}

const options = {
  pairs: everyStagePair,
  initialEpochs: option.epochs(30, "epochs on the flow alone, before the training"),
  flowWeight: option.weight(0, "weight of the flow's squared differences in the training as well"),
};

export const fsp: Method<typeof options, string> = {
  name: "fsp",
  title: "Flow of solution procedure",
  summary:
    "Pre-trains the student to change features from stage to stage as the teacher does, then trains on the labels.",
  paper:
    "Yim, Joo, Bae, Kim: A Gift from Knowledge Distillation: Fast Optimization, Network Minimization and Transfer Learning, 2017. " +
    "https://openaccess.thecvf.com/content_cvpr_2017/html/Yim_A_Gift_From_CVPR_2017_paper.html",
  options,
  presets: {
    cifar: { source: "HobbitLong/RepDistiller, train_student.py: the pre-training alone, 30 epochs", options: {} },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => {
    const found = pairedStages(student, teacher, pairs, { first: true });
    return found.length < 2 ? tooFew(found.length) : found;
  },
  targets: (_, __, ___, pairs) => flowTargets(flows(pairs.map(({ teacher }) => teacher.output))),
  auxiliaries: ({ compared, targets }, { flowWeight }) => {
    return connectorsOf(withChannels(compared, flowsOf(targets)), { pretrainingOnly: flowWeight === 0 });
  },
  pretraining: ({ initialEpochs }) => [
    {
      name: "flow",
      title: "Flow of solution procedure",
      epochs: initialEpochs,
      losses: (batch) => ({ flow: lossOf(batch) }),
      weights: { flow: 1 },
    },
  ],
  losses: (batch, { flowWeight }) => (flowWeight > 0 ? { flow: lossOf(batch) } : {}),
  weights: ({ flowWeight }) => ({ flow: flowWeight }),
};

function lossOf({ compared, targets, auxiliary }: Batch): Tensor {
  const teacher = flowsOf(targets);
  const maps = withChannels(compared, teacher).map(([map, channels], i) => connected(map, channels, i, auxiliary));
  return flowLoss(flows(maps), teacher);
}

function flowTargets(teacher: readonly Tensor[]): Targets {
  return Object.fromEntries(teacher.map((flow, i) => [`flow ${i + 1}`, flow]));
}

/** What `flowTargets` made, in the same order. */
function flowsOf(targets: Targets): Tensor[] {
  const found: Tensor[] = [];
  for (let flow = targets["flow 1"]; flow; flow = targets[`flow ${found.length + 1}`]) found.push(flow);
  return found;
}

/** The student's maps, and how many channels the teacher's have: flow i leads from stage i to the next. */
function withChannels(
  compared: readonly Pick<Stage, "output">[],
  teacher: readonly Tensor[],
): (readonly [map: Tensor, channels: number])[] {
  return compared.flatMap(({ output }, i) => {
    const [out, into] = [teacher[i], teacher[i - 1]];
    const channels = out ? axisSize(out, 1) : into && axisSize(into, 2);
    return channels === undefined ? [] : [[output, channels] as const];
  });
}

function tooFew(count: number): never {
  throw new LimbeckError(
    "ARGUMENT",
    `fsp: a flow leads from one stage to the next, so at least two pairs of stages should be compared, got ${count}; ` +
      "choose more with pairs",
  );
}
