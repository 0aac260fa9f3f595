/** @file What is done once, when the weights are there: they are put in the order that kernels read them in, and borders are filled. */
import { advance, forRange, i32, i32x4, repeat, seq, set, v128, type Code } from "../../wasm/emit/code.ts";
import { kernelCode, type Flavour, type KernelCode } from "../flavour.ts";

/**
 * Weights [outputs, inputs, taps] of one group to panels [panels][lanes of taps and channels][columns][channels of a lane]. Parameters:
 * the addresses of the weights and of the panels; how far apart taps are, in numbers; columns of a panel; bytes of a panel.
 */
export function packPanels({ perLane }: Flavour): KernelCode {
  return kernelCode({
    key: "pack panels",
    parameters: 8,
    body: (f, [from, to, outputs, inputs, taps, tapStep, columns, panelBytes]) => {
      const [o, c, tap, column, k] = f.locals("i32", 5);
      const bits = Math.log2(perLane);
      const lane = i32.shrUnsigned(k, bits);
      const place = i32.add(column, i32.add(i32.mul(lane, i32.shl(columns, bits)), i32.and(k, perLane - 1)));
      return repeat(o, outputs, [
        set(
          column,
          i32.add(
            i32.add(to, i32.mul(i32.divUnsigned(o, columns), panelBytes)),
            i32.shl(i32.remUnsigned(o, columns), bits),
          ),
        ),
        repeat(c, inputs, [
          set(k, c),
          repeat(tap, taps, [i32.store8(place, i32.load8Unsigned(from)), advance(from, 1), advance(k, tapStep)]),
        ]),
      ]);
    },
  });
}

/** Weights [channels, rows, columns] for `depthwise`. Parameters: the addresses, channels, rows and columns, bytes of eight channels. */
export function packDepthwise({ perLane }: Flavour): KernelCode {
  return kernelCode({
    key: "pack depthwise",
    parameters: 6,
    body: (f, [from, to, channels, rows, columns, eightBytes]) => {
      const [c, row, column, eight] = f.locals("i32", 4);
      const bits = Math.log2(perLane);
      const place = i32.add(
        i32.add(eight, i32.and(row, perLane - 1)),
        i32.shl(i32.add(i32.mul(i32.shrUnsigned(row, bits), columns), column), bits + 3),
      );
      return repeat(c, channels, [
        set(eight, i32.add(i32.add(to, i32.mul(i32.shrUnsigned(c, 3), eightBytes)), i32.shl(i32.and(c, 7), bits))),
        repeat(row, rows, repeat(column, columns, [i32.store8(place, i32.load8Unsigned(from)), advance(from, 1)])),
      ]);
    },
  });
}

/** Fills so many bytes, whole vectors, with an activation. Parameters: the address, the bytes, the activation. */
export function fill({ bytes }: Flavour): KernelCode {
  return kernelCode({
    key: "fill",
    parameters: 3,
    body: (f, [to, length, value]) => {
      const at = f.local("i32");
      const all = f.local("v128");
      const pattern: Code = bytes === 1 ? i32.mul(value, 0x0101_0101) : i32.mul(value, 0x0001_0001);
      return seq(set(all, i32x4.splat(pattern)), forRange(at, 0, length, 16, v128.store(i32.add(to, at), all)));
    },
  });
}
