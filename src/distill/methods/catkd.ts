/** @file Class attention transfer: where in the image each class is seen. */
import { permute, type Tensor } from "../../tensor/index.ts";
import { meanSquaredError } from "../losses/basic.ts";
import { normalise } from "../losses/normalise.ts";
import { regionLogits } from "../losses/regions.ts";
import type { Method } from "../method.ts";
import type { Observed } from "../observed.ts";
import * as option from "../option.ts";

const options = {
  resolution: option.count(2, "height and width that the maps are averaged to"),
  normalise: option.flag(true, "whether each class's map is compared by its shape alone, made of length 1"),
  attentionWeight: option.weight(400, "weight of the class activation maps' squared differences"),
};

/** What the maps of one network are made with. */
type MapOptions = Pick<option.ValuesOf<typeof options>, "resolution" | "normalise">;

/**
 * [N, C, R²]: of each class its activation map, averaged to R by R places and made of length 1 if wanted. A class activation map
 * is what the classifier makes of each place of the last maps; its mean over the places is the class's logit.
 *
 * NOTE: the published code puts a 1x1 convolution without bias in the classifier's place. A classifier as it is has the same
 * maps, plus its bias at each place. Guo et al. 2023, section 3.
 */
function activationMaps(whose: string, network: Observed, { resolution, normalise: isNormalised }: MapOptions): Tensor {
  const maps = permute(regionLogits("catkd", whose, network, [resolution]), [0, 2, 1]);
  return isNormalised ? normalise(maps) : maps;
}

/** The squared differences' mean over images, classes and places. */
export const catkd: Method<typeof options, "maps"> = {
  name: "catkd",
  title: "Class attention transfer",
  summary: "Matches the teacher's class activation maps: where in the image each class is found.",
  paper:
    "Guo, Yan, Li, Lin: Class Attention Transfer Based Knowledge Distillation, 2023. https://arxiv.org/abs/2304.12777",
  options,
  presets: {
    cifar: {
      source:
        "GzyAftermath/CAT-KD, mdistiller/engine/cfg.py; configs/cifar100/CAT_KD has other weights for each pair of networks, " +
        "and maps that are not normalised for networks of one kind",
      options: {},
    },
    imagenet: {
      source: "GzyAftermath/CAT-KD, configs/imagenet/CAT-KD/r34_r18.yaml",
      options: { resolution: 4, normalise: false, attentionWeight: 0.5 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  targets: (teacher, settings) => ({ maps: activationMaps("teacher", teacher, settings) }),
  losses: ({ student, targets }, settings) => ({
    attention: meanSquaredError(activationMaps("student", student, settings), targets.maps),
  }),
  weights: ({ attentionWeight }) => ({ attention: attentionWeight }),
};
