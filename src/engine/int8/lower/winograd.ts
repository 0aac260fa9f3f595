/** @file Which convolutions go by Winograd's algorithm, and their calls of its kernel. */
import type { Conv2dLayer } from "../network.ts";
import { weightedNumbers } from "../arithmetic.ts";
import { winograd, winogradFits, winogradScratchBytes, type WinogradShape } from "../kernels/winograd.ts";
import { addressOf, Area, type Place } from "../place.ts";
import { mostBeforeRounding } from "../requantise.ts";
import type { Lowering } from "./lowering.ts";

/** Channels on both sides from which Winograd's products outweigh its transforms. */
const winogradChannels = 16;

/** Whether a convolution is computed by `winograd`. */
export function isByWinograd({ flavour, network }: Lowering, layer: Conv2dLayer): boolean {
  const { kernel, stride, dilation, groups, shape, weights } = layer;
  const [outputs, height, width] = shape;
  const channels = weights.length / outputs / 9;
  return (
    flavour.prefersWinograd &&
    kernel[0] === 3 &&
    kernel[1] === 3 &&
    [...stride, ...dilation, groups].every((each) => each === 1) &&
    Math.min(channels, outputs) >= winogradChannels &&
    [channels / 8, outputs / 8, height / 2, width / 2].every(Number.isInteger) &&
    winogradFits(weights, outputs, network.top)
  );
}

export function lowerWinograd(lowering: Lowering, layer: Conv2dLayer, at: number): Place {
  const { padding, shape } = layer;
  const { top } = lowering.network;
  const x = lowering.placeOf(layer.inputs[0]);
  const y = lowering.newPlace(at, layer);
  const { scale, zero } = y.quantisation;
  const { bias, factors, largest } = weightedNumbers(lowering.where(at), layer, x.quantisation, scale, top);
  const numbers = lowering.constants.add(bias, factors);
  const [outputs, height, width] = shape;
  const code: WinogradShape = {
    height,
    width,
    channels: x.channels,
    outputs,
    input: { pixel: x.pixel, row: x.row },
    output: { pixel: y.pixel, row: y.row },
    top,
    isSmall: largest < mostBeforeRounding,
  };
  const weights = lowering.weights.addWinograd(layer.weights, code);
  const scratch = new Area(`tiles of ${lowering.where(at)}`, winogradScratchBytes(code));
  const from = (): number => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel;
  lowering.push(
    winograd(lowering.flavour, code),
    [x.area],
    y.area,
    () => [from(), addressOf(y), weights(), numbers(), zero, scratch.address],
    scratch,
  );
  return y;
}
