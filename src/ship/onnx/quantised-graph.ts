/**
 * @file A network in whole numbers as an ONNX graph of floats in which each result is quantised and dequantised at once: runtimes
 * compute such nodes in whole numbers. https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
 */
import { elementAt } from "../../elements.ts";
import type { OnnxGraph } from "../../onnx/index.ts";
import {
  largestWeight,
  type Conv2dLayer,
  type LinearLayer,
  type PerChannelLayer,
  type Quantisation,
  type QuantisedLayer,
  type QuantisedNetwork,
} from "../../engine/int8/network.ts";
import { wholeWeights } from "../whole-weights.ts";
import { Emitter } from "./emitter.ts";
import { PIXEL_VALUES, LOGITS } from "../exported-network.ts";
import { BATCH } from "./graph.ts";

/** For activations up to 255, which runtimes hold them to. */
export function quantisedGraph({ layers }: QuantisedNetwork): Omit<OnnxGraph, "metadata"> {
  const emitter = new Emitter([PIXEL_VALUES, LOGITS]);
  const writer = new Writer(emitter);
  const results: Result[] = [];
  for (const [at, layer] of layers.entries()) {
    const inputs = layer.inputs.map((i) => elementAt(results, i));
    const isSum = at === layers.length - 1 && layer.kind === "linear";
    const name = `${layer.kind}_${at}`;
    const value = writer.layer(layer, inputs, name);
    results.push({ layer, value: isSum ? value : writer.rounded(value, layer.quantisation, name) });
  }
  const last = elementAt(results, -1);
  const [images] = layers;
  return {
    nodes: emitter.nodes.map((node) => (node.output === last.value ? { ...node, output: LOGITS } : node)),
    constants: emitter.constants,
    inputs: [{ name: PIXEL_VALUES, dims: [BATCH, ...images.shape] }],
    outputs: [{ name: LOGITS, dims: [BATCH, ...last.layer.shape] }],
  };
}

/** A layer, and the name of its numbers as floats. */
interface Result {
  readonly layer: QuantisedLayer;
  readonly value: string;
}

class Writer {
  readonly #emitter: Emitter;
  /** Names of scale and zero point. */
  readonly #known = new Map<Quantisation, readonly [scale: string, zero: string]>();

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  /** Rounded to what it is quantised to, as floats again. */
  rounded(value: string, quantisation: Quantisation, name: string): string {
    const parameters = this.#known.get(quantisation) ?? [
      this.#emitter.constant(`${name}.scale`, [], Float32Array.of(quantisation.scale)),
      this.#emitter.constant(`${name}.zero`, [], Uint8Array.of(quantisation.zero)),
    ];
    this.#known.set(quantisation, parameters);
    const quantised = this.#emitter.node("QuantizeLinear", [value, ...parameters], `${name}.quantised`);
    return this.#emitter.node("DequantizeLinear", [quantised, ...parameters], `${name}.rounded`);
  }

  /** The layer's numbers before they are rounded. */
  layer(layer: QuantisedLayer, inputs: readonly Result[], name: string): string {
    const emitter = this.#emitter;
    if (layer.kind === "images") return PIXEL_VALUES;
    const values = inputs.map(({ value }) => value);
    const x = elementAt(inputs, 0);
    switch (layer.kind) {
      case "conv2d": {
        const { kernel, stride, padding, dilation, groups } = layer;
        return emitter.node("Conv", [...values, ...this.#weights(layer, x.layer, name)], name, {
          kernel_shape: { ints: kernel },
          strides: { ints: stride },
          pads: { ints: [...padding, ...padding] },
          dilations: { ints: dilation },
          group: { int: groups },
        });
      }
      case "linear":
        return emitter.node("Gemm", [...values, ...this.#weights(layer, x.layer, name)], name, { transB: { int: 1 } });
      case "add":
        return emitter.node("Add", values, name);
      case "perChannel":
        return layer.shape.length === 3 ? this.#depthwise(layer, x, name) : this.#multiplied(layer, x, name);
      case "maxPool2d":
      case "avgPool2d": {
        const { kernel, stride, padding } = layer;
        const [, height, width] = x.layer.shape;
        const isWhole = kernel[0] === height && kernel[1] === width && padding[0] === 0 && padding[1] === 0;
        const isMean = layer.kind === "avgPool2d";
        if (isMean && isWhole) return emitter.node("GlobalAveragePool", values, name);
        return emitter.node(isMean ? "AveragePool" : "MaxPool", values, name, {
          kernel_shape: { ints: kernel },
          strides: { ints: stride },
          pads: { ints: [...padding, ...padding] },
          ...(isMean && { count_include_pad: { int: 1 } }),
        });
      }
      case "concat":
        return emitter.node("Concat", values, name, { axis: { int: 1 } });
      case "slice":
        return emitter.node(
          "Slice",
          [...values, emitter.list([layer.from]), emitter.list([layer.to]), emitter.list([1])],
          name,
        );
      case "channelShuffle": {
        const { groups, quantisation } = layer;
        const [channels, height, width] = layer.shape;
        const grouped = emitter.node(
          "Reshape",
          [...values, emitter.list([0, groups, channels / groups, height * width])],
          `${name}.groups`,
        );
        const whole = this.rounded(grouped, quantisation, `${name}.groups`);
        const mixed = emitter.node("Transpose", [whole], `${name}.mixed`, { perm: { ints: [0, 2, 1, 3] } });
        return emitter.node(
          "Reshape",
          [this.rounded(mixed, quantisation, `${name}.mixed`), emitter.list([0, channels, height, width])],
          name,
        );
      }
      case "flatten":
        return emitter.node("Flatten", values, name, { axis: { int: 1 } });
    }
  }

  /** A convolution of each channel by itself, which runtimes compute in whole numbers. */
  #depthwise({ shape, multiply, add }: PerChannelLayer, { layer: x, value }: Result, name: string): string {
    const channels = shape[0];
    const { scale } = x.quantisation;
    const whole = wholeWeights(name, multiply, add, { scale, largest: largestWeight(255) });
    const parameters = this.#scaled([channels, 1, 1, 1], whole, scale, name);
    return this.#emitter.node("Conv", [value, ...parameters], name, {
      kernel_shape: { ints: [1, 1] },
      group: { int: channels },
    });
  }

  #multiplied({ multiply, add }: PerChannelLayer, { value }: Result, name: string): string {
    const dims = [multiply.length];
    const factor = this.#emitter.constant(`${name}.multiply`, dims, multiply);
    const term = this.#emitter.constant(`${name}.add`, dims, add);
    return this.#emitter.node("Add", [this.#emitter.node("Mul", [value, factor], `${name}.multiplied`), term], name);
  }

  #weights(layer: Conv2dLayer | LinearLayer, x: QuantisedLayer, name: string): readonly [weight: string, bias: string] {
    const { weights, bias } = layer;
    const outputs = bias.length;
    const each = weights.length / outputs;
    const dims =
      layer.kind === "linear"
        ? [outputs, each]
        : [outputs, each / (layer.kernel[0] * layer.kernel[1]), ...layer.kernel];
    return this.#scaled(dims, layer, x.quantisation.scale, name);
  }

  /** Whole numbers that are dequantised where they are used. */
  #scaled(
    dims: readonly number[],
    { weights, weightScales, bias }: Pick<LinearLayer, "weights" | "weightScales" | "bias">,
    scale: number,
    name: string,
  ): readonly [weight: string, bias: string] {
    const outputs = [bias.length];
    const emitter = this.#emitter;
    const axis = { axis: { int: 0 } };
    const dequantised = (
      what: string,
      shape: readonly number[],
      numbers: Int8Array | Int32Array,
      scales: Float32Array,
    ): string => {
      const zeros = numbers instanceof Int8Array ? new Int8Array(bias.length) : new Int32Array(bias.length);
      const inputs = [
        emitter.constant(`${name}.${what}`, shape, numbers),
        emitter.constant(`${name}.${what}.scale`, outputs, scales),
        emitter.constant(`${name}.${what}.zero`, outputs, zeros),
      ];
      return emitter.node("DequantizeLinear", inputs, `${name}.${what}.float`, axis);
    };
    return [
      dequantised("weight", dims, weights, weightScales),
      dequantised(
        "bias",
        outputs,
        bias,
        weightScales.map((each) => each * scale),
      ),
    ];
  }
}
