/** @file Layers that move channels and compute nothing. */
import { elementAt } from "../../../elements.ts";
import { LimbeckError } from "../../../errors.ts";
import type {
  ChannelShuffleLayer,
  ConcatLayer,
  FlattenLayer,
  Quantisation,
  QuantisedLayer,
  SliceLayer,
} from "../network.ts";
import { fixedPoint } from "../arithmetic.ts";
import { channels, type Source } from "../kernels/channels.ts";
import { rescale } from "../kernels/rescale.ts";
import { addressOf, placeFor, type Place } from "../place.ts";
import { eights, extentOf, type Lowering } from "./lowering.ts";

export function lowerConcat(lowering: Lowering, layer: ConcatLayer, at: number): Place {
  const inputs = inputsOf(lowering, layer, at);
  return inOrder(lowering, layer, at, inputs, sourcesOf(inputs));
}

/** NOTE: what is shuffled right after it is concatenated is moved once. */
export function lowerChannelShuffle(lowering: Lowering, layer: ChannelShuffleLayer, at: number): Place {
  const {
    groups,
    inputs: [input],
  } = layer;
  const x = elementAt(lowering.network.layers, input);
  const inputs =
    x.kind === "concat" && isShuffled(lowering, input) ? inputsOf(lowering, x, input) : [lowering.placeOf(input)];
  const sources = sourcesOf(inputs);
  const each = sources.length / groups;
  return inOrder(
    lowering,
    layer,
    at,
    inputs,
    sources.map((_, i) => elementAt(sources, (i % groups) * each + Math.floor(i / groups))),
  );
}

/** Whether what is at this place is a concatenation that is shuffled, and nothing else is done with it. */
export function isShuffled(lowering: Lowering, at: number): boolean {
  const [reader, ...others] = lowering.readersOf(at);
  return (
    others.length === 0 && reader !== undefined && elementAt(lowering.network.layers, reader).kind === "channelShuffle"
  );
}

/** What a concatenation takes, quantised as it is. */
function inputsOf(lowering: Lowering, layer: ConcatLayer, at: number): Place[] {
  return layer.inputs.map((input) => {
    const x = lowering.placeOf(input);
    return isSame(x.quantisation, layer.quantisation) ? x : rescaled(lowering, x, layer.quantisation, at);
  });
}

function rescaled(lowering: Lowering, x: Place, quantisation: Quantisation, at: number): Place {
  const y = placeFor(`rescaled for ${lowering.where(at)}`, {
    shape: [x.channels, x.height, x.width],
    quantisation,
    border: [0, 0],
    room: eights(x.channels),
    bytes: lowering.flavour.bytes,
  });
  const { factors, offset, shift } = fixedPoint(lowering.where(at), [x.quantisation], quantisation);
  const code = rescale(lowering.flavour, {
    ...extentOf(y),
    input: lowering.stridesOf(x),
    output: lowering.stridesOf(y),
    top: lowering.network.top,
  });
  lowering.push(code, [x.area], y.area, () => [addressOf(x), addressOf(y), elementAt(factors, 0), offset, shift]);
  return y;
}

function inOrder(
  lowering: Lowering,
  layer: QuantisedLayer,
  at: number,
  inputs: readonly Place[],
  sources: readonly Source[],
): Place {
  const y = lowering.newPlace(at, layer);
  const code = channels(lowering.flavour, {
    height: y.height,
    width: y.width,
    inputs: inputs.map(({ pixel, row }) => ({ pixel, row })),
    output: { pixel: y.pixel, row: y.row },
    sources,
  });
  lowering.push(
    code,
    inputs.map(({ area }) => area),
    y.area,
    () => [...inputs.map(addressOf), addressOf(y)],
  );
  return y;
}

/** NOTE: the same numbers where they are. */
export function lowerSlice(lowering: Lowering, { inputs: [input], from, to }: SliceLayer): Place {
  const x = lowering.placeOf(input);
  return { ...x, channels: to - from, first: x.first + from * lowering.flavour.bytes };
}

/** NOTE: channels last, a map's numbers are in another order than flattened; linear layers have their weights in that order. */
export function lowerFlatten(lowering: Lowering, { inputs: [input] }: FlattenLayer, at: number): Place {
  const x = lowering.placeOf(input);
  const other = lowering.readersOf(at).find((reader) => elementAt(lowering.network.layers, reader).kind !== "linear");
  if (x.height * x.width > 1 && other !== undefined) {
    const kind = elementAt(lowering.network.layers, other).kind;
    throw new LimbeckError(
      "UNSUPPORTED",
      `${lowering.where(other)}: what takes flattened maps of ${x.height}x${x.width} should be a linear layer, got ${kind}; flatten after it`,
    );
  }
  return x;
}

function sourcesOf(maps: readonly Place[]): Source[] {
  return maps.flatMap((place, map) => Array.from({ length: place.channels }, (_, channel) => ({ map, channel })));
}

function isSame(a: Quantisation, b: Quantisation): boolean {
  return a.scale === b.scale && a.zero === b.zero;
}
