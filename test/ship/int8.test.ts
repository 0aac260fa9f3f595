/** @file Integer modules against an interpreter: the same bits, whatever the shapes. */
import { describe, expect, test } from "vitest";
import { pairs } from "../../src/engine/int8/flavour.ts";
import { lower } from "../../src/engine/int8/lower/lower.ts";
import { moduleOf } from "../../src/engine/int8/module.ts";
import { randomBuilder, type Builder, type ConvSizes } from "./builder.ts";
import { interpret } from "./interpreter.ts";
import { open, ways } from "./run-module.ts";

/** Two random images, by every module that takes the network and by the interpreter. */
async function expectSameBits(b: Builder): Promise<void> {
  const { network } = b;
  const [{ shape }] = network.layers;
  for (const way of ways.filter(({ mostTop }) => network.top <= mostTop)) {
    const { name } = way;
    const runner = await open(moduleOf(network, [way]), shape);
    for (let i = 0; i < 2; i++) {
      const given = b.image();
      expect({ name, logits: runner.logits(given) }).toEqual({ name, logits: interpret(network, given) });
    }
  }
}

const cases: Readonly<Record<string, (b: Builder) => void>> = {
  "a convolution": (b) => b.conv(0, { outputs: 1 + b.draws.below(20), padding: [1, 1] }),
  "a convolution of any shape": (b) => randomConv(b, 0),
  "convolutions one after the other": (b) => randomConv(b, randomConv(b, 0)),
  "a convolution in groups": (b) => {
    const groups = b.draws.pick([2, 3, 5]);
    const x = b.conv(0, { outputs: groups * (1 + b.draws.below(9)), kernel: [1, 1] });
    b.conv(x, { outputs: groups * (1 + b.draws.below(9)), padding: [1, 0], groups });
  },
  "a convolution by Winograd": (b) => {
    // Even sizes, as it takes.
    const [, height, width] = b.shapeOf(0) as readonly [number, number, number];
    const x = b.conv(0, { outputs: 8 * (2 + b.draws.below(3)), kernel: [1 + (height % 2), 1 + (width % 2)] });
    const y = b.conv(x, { outputs: 8 * (2 + b.draws.below(3)), padding: [1, 1 + b.draws.below(2)] });
    const z = b.conv(b.slice(y, 0, 16), { outputs: 16, padding: [1 + b.draws.below(2), 1] });
    b.conv(b.conv(z, { outputs: 16, kernel: [2, 1] }), { outputs: 16, padding: [1, 1] });
    expect(
      lower({ ...b.network, top: 127 }, pairs).steps.filter(({ kernel }) => kernel.key.startsWith("winograd")).length,
    ).toBe(2);
  },
  "a depthwise convolution": (b) => {
    const x = b.conv(0, { outputs: 2 + b.draws.below(20), kernel: [1, 1] });
    b.depthwise(x, randomWindow(b, x));
  },
  "a linear layer over maps": (b) =>
    b.linear(b.flatten(b.conv(0, { outputs: 1 + b.draws.below(12) })), 1 + b.draws.below(70)),
  "linear layers": (b) => b.linear(b.linear(b.flatten(0), 1 + b.draws.below(70)), 1 + b.draws.below(20)),
  "a sum": (b) => {
    const x = b.conv(0, { outputs: 1 + b.draws.below(20), padding: [1, 1] });
    b.conv(b.add(x, b.conv(x, { outputs: b.shapeOf(x)[0]!, kernel: [1, 1] })), { outputs: 3, padding: [1, 1] });
  },
  "a factor and a term per channel": (b) => b.perChannel(randomConv(b, 0)),
  "the largest of windows": (b) => randomPool(b, "maxPool2d"),
  "means of windows": (b) => randomPool(b, "avgPool2d"),
  "the mean of all": (b) => {
    const x = b.conv(0, { outputs: 1 + b.draws.below(20), kernel: [1, 1] });
    const [, height, width] = b.shapeOf(x);
    b.linear(b.flatten(b.pool("avgPool2d", x, { kernel: [height!, width!] })), 5);
  },
  "a concatenation": (b) => {
    const x = b.conv(0, { outputs: 1 + b.draws.below(20), kernel: [1, 1] });
    const y = b.conv(0, { outputs: 1 + b.draws.below(20), kernel: [1, 1] });
    b.conv(b.concat([x, y, 0], { joined: b.draws.below(2) === 0 }), { outputs: 7, padding: [1, 1] });
  },
  "channels shuffled": (b) => {
    const groups = b.draws.pick([2, 3, 4, 7]);
    const x = b.conv(0, { outputs: groups * (1 + b.draws.below(12)) });
    b.conv(b.channelShuffle(x, groups), { outputs: 9, padding: [1, 1] });
  },
  "halves changed, concatenated and shuffled": (b) => {
    const half = 1 + b.draws.below(40);
    const x = b.conv(0, { outputs: 2 * half, kernel: [1, 1] });
    const y = b.depthwise(b.conv(b.slice(x, half, 2 * half), { outputs: half, kernel: [1, 1] }), { padding: [1, 1] });
    b.conv(b.channelShuffle(b.concat([b.slice(x, 0, half), y]), 2), { outputs: 4, kernel: [1, 1] });
  },
  "a part of the channels, with a border": (b) => {
    const x = b.conv(0, { outputs: 11 });
    b.add(b.conv(b.slice(x, 3, 9), { outputs: 5, padding: [1, 1] }), b.conv(x, { outputs: 5, padding: [1, 1] }));
  },
  "images alone": (b) => b.flatten(0),
};

function randomConv(b: Builder, x: number): number {
  return b.conv(x, { outputs: 1 + b.draws.below(30), ...randomWindow(b, x) });
}

function randomWindow(b: Builder, x: number): Required<Omit<ConvSizes, "outputs" | "groups">> {
  const [, height, width] = b.shapeOf(x) as readonly [number, number, number];
  const kernel = [1 + b.draws.below(Math.min(6, height)), 1 + b.draws.below(Math.min(4, width))] as const;
  const dilationOf = (size: number, side: number): number => (size * 2 <= side ? 1 + b.draws.below(2) : 1);
  return {
    kernel,
    dilation: [dilationOf(kernel[0], height), dilationOf(kernel[1], width)],
    stride: [1 + b.draws.below(3), 1 + b.draws.below(3)],
    padding: [b.draws.below(3), b.draws.below(3)],
  };
}

function randomPool(b: Builder, kind: "maxPool2d" | "avgPool2d"): void {
  const x = b.conv(0, { outputs: 1 + b.draws.below(20), kernel: [1, 1] });
  const [, height, width] = b.shapeOf(x);
  const kernel = [1 + b.draws.below(height!), 1 + b.draws.below(width!)] as const;
  const y = b.pool(kind, x, {
    kernel,
    stride: [1 + b.draws.below(3), 1 + b.draws.below(3)],
    padding: [b.draws.below(Math.floor(kernel[0] / 2) + 1), b.draws.below(Math.floor(kernel[1] / 2) + 1)],
  });
  b.conv(y, { outputs: 3, padding: [1, 1] });
}

describe.each(Object.entries(cases))("%s", (name, build) => {
  test.each([127, 255] as const)("with activations up to %i", async (top) => {
    for (let i = 0; i < 5; i++) {
      const b = randomBuilder(`${name} ${top} ${i}`, top);
      build(b);
      await expectSameBits(b);
    }
  });
});

test.each(Array.from({ length: 16 }, (_, i) => i))("random network %i", async (i) => {
  const b = randomBuilder(`network ${i}`, i % 3 === 0 ? 255 : 127);
  const maps = [b.conv(0, { outputs: 2 + b.draws.below(12), padding: [1, 1] })];
  for (let step = 0; step < 12; step++) maps.push(randomLayer(b, maps));
  const last = maps.at(-1)!;
  if (i % 2 === 0) b.linear(b.flatten(last), 1 + b.draws.below(40));
  await expectSameBits(b);
});

/** A layer on one or two of the maps. */
function randomLayer(b: Builder, maps: readonly [number, ...number[]] | readonly number[]): number {
  const x = b.draws.pick(maps);
  const [channels, height, width] = b.shapeOf(x) as readonly [number, number, number];
  const like = maps.filter((at) => b.shapeOf(at).join() === b.shapeOf(x).join());
  const large = maps.filter((at) => b.shapeOf(at)[1] === height && b.shapeOf(at)[2] === width);
  const half = Math.floor(channels / 2);
  return b.draws.pick([
    () => randomConv(b, x),
    () => b.conv(x, { outputs: channels, padding: [1, 1] }),
    () => b.depthwise(x, { padding: [1, 1], stride: [1 + b.draws.below(2), 1] }),
    () => b.add(x, b.draws.pick(like)),
    () => b.add(x, b.draws.pick(like)),
    () => b.perChannel(x),
    () =>
      b.pool("maxPool2d", x, { kernel: [Math.min(3, height), 1], stride: [1, 1], padding: [height > 2 ? 1 : 0, 0] }),
    () => b.pool("avgPool2d", x, { kernel: [1, Math.min(3, width)], stride: [1, 1], padding: [0, width > 2 ? 1 : 0] }),
    () => b.concat([x, b.draws.pick(large)], { joined: b.draws.below(2) === 0 }),
    () => (half > 0 ? b.slice(x, half, channels) : b.perChannel(x)),
    () => (channels % 2 === 0 ? b.channelShuffle(x, 2) : b.perChannel(x)),
    () => (channels % 2 === 0 ? b.channelShuffle(b.concat([b.slice(x, 0, half), b.slice(x, half, channels)]), 2) : x),
  ])();
}
