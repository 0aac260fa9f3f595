/** @file Curriculum temperature: the temperature is learned too, against the student, from easy to hard. */
import { parameter, type Module } from "../../nn/index.ts";
import {
  axisSize,
  add,
  div,
  exp,
  logSoftmax,
  mul,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { sigmoid } from "../losses/elementwise.ts";
import { standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  leastTemperature: option.positive(1, "the temperature is above this"),
  temperatureRange: option.positive(20, "and below this much more"),
  curriculumEpochs: option.epochs(10, "epochs in which the temperature's gradient grows to its whole size"),
  kdWeight: option.weight(0.9, "weight of the soft-target loss (already times T²)"),
  standardise: standardiseOption,
};

/** T² / N Σ_n KL(p_t ‖ p_s) with p = softmax(z / T), where T is a scalar that gradients flow to. Logits [N, C]. */
export function learnedTemperatureLoss(student: Tensor, teacher: Tensor, temperature: Tensor): Tensor {
  const [s, t] = [logSoftmax(div(student, temperature)), logSoftmax(div(teacher, temperature))];
  return mul(mul(sum(mul(exp(t), sub(t, s))), square(temperature)), 1 / axisSize(student, 0));
}

/** x, to which the gradient flows times -λ: what reduces a loss through other tensors increases it through this one. */
export function reversed(x: Tensor, strength: Tensor): Tensor {
  const held = stopGradient(x);
  return add(held, mul(sub(held, x), strength));
}

/** λ in an epoch, from 1: (1 - cos(π·min(epoch / E, 1))) / 2, from 0 before the first to 1 after E of them. */
export function curriculum(epoch: number, epochs: number): number {
  return (1 - Math.cos(Math.PI * Math.min(epoch / epochs, 1))) / 2;
}

/** T = least + range·sigmoid(θ), θ = 1 at first, is trained as the student is, but by the reversed gradient. Li et al. 2023, section 3. */
export const ctkd: Method<typeof options, "logits"> = {
  name: "ctkd",
  title: "Curriculum temperature",
  summary: "Matches soft targets at a temperature that is learned to make this harder, gradually.",
  paper:
    "Li, Li, Yang, Zhao, Song, Luo, Li, Yang: Curriculum Temperature for Knowledge Distillation, 2023. https://arxiv.org/abs/2211.16231",
  options,
  presets: {
    cifar: {
      source:
        "zhengli97/CTKD, scripts/run_cifar_distill.sh: -r 0.1 -a 0.9 --decay_max 0 --decay_min -1 --decay_loops 10; train_student.py",
      options: {},
    },
  },
  labels: { weight: 0.1 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  auxiliaries: (_, settings) => ({ temperature: { module: temperatureModule(settings) } }),
  losses: ({ student, targets, auxiliary, byEpoch }, { curriculumEpochs, standardise }) => {
    const strength = byEpoch("reversal", (epoch) => curriculum(epoch, curriculumEpochs));
    const temperature = reversed(auxiliary("temperature", student.logits), strength);
    return {
      kd: learnedTemperatureLoss(
        standardisedIf(standardise, student.logits),
        standardisedIf(standardise, targets.logits),
        temperature,
      ),
    };
  },
  weights: ({ kdWeight }) => ({ kd: kdWeight }),
};

/** The temperature, a scalar, whatever it is run on. */
function temperatureModule({
  leastTemperature,
  temperatureRange,
}: Pick<option.ValuesOf<typeof options>, "leastTemperature" | "temperatureRange">): Module {
  const theta = parameter("theta", [1], () => Float32Array.of(1));
  return {
    parameters: { theta },
    forward: () => add(mul(reshape(sigmoid(theta.tensor), []), temperatureRange), leastTemperature),
  };
}
