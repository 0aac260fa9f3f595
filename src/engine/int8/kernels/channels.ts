/** @file Channels in another order, of one map or several: concatenations and shuffles. */
import { elementAt } from "../../../elements.ts";
import { advance, repeat, seq, set, v128, type Code, type Local } from "../../wasm/emit/code.ts";
import type { FunctionBuilder } from "../../wasm/emit/module.ts";
import type { Flavour, KernelCode } from "../flavour.ts";

/** Where a channel comes from. */
export interface Source {
  readonly map: number;
  readonly channel: number;
}

export interface ChannelsShape {
  readonly height: number;
  readonly width: number;
  readonly inputs: readonly { readonly pixel: number; readonly row: number }[];
  readonly output: { readonly pixel: number; readonly row: number };
  /** For each channel of the output. */
  readonly sources: readonly Source[];
}

/** Channels of one map from `first` on, and where they go: byte i of the vector to be made is byte bytes[i] of theirs, if it is any of them. */
interface Piece {
  readonly map: number;
  readonly first: number;
  readonly bytes: readonly (number | undefined)[];
}

/** Bytes of a vector. */
const VECTOR = 16;

/** Parameters: the addresses of the maps and of the output. All are quantised alike. */
export function channels(flavour: Flavour, shape: ChannelsShape): KernelCode {
  return {
    key: `channels ${JSON.stringify(shape)}`,
    parameters: shape.inputs.length + 1,
    body: (f, parameters) => bodyOf(f, flavour, shape, parameters),
  };
}

function bodyOf(f: FunctionBuilder, flavour: Flavour, shape: ChannelsShape, parameters: readonly Local[]): Code {
  const { height, width, inputs, output, sources } = shape;
  const maps = parameters.slice(0, -1);
  const y = elementAt(parameters, -1);
  const [row, column] = f.locals("i32", 2);
  const vector = f.local("v128");
  const together = VECTOR / flavour.bytes;
  const vectors = Array.from({ length: Math.ceil(sources.length / together) }, (_, i) =>
    sources.slice(i * together, (i + 1) * together),
  );
  const pixel = seq(
    ...vectors.map((wanted, i) =>
      seq(
        ...piecesOf(wanted, flavour).map(({ map, first, bytes }, j): Code => {
          const piece = v128.load(elementAt(maps, map), first * flavour.bytes);
          const lanes = bytes.map((from, byte) => (from === undefined ? byte : VECTOR + from));
          return set(vector, v128.shuffleBytes(vector, piece, j === 0 ? lanes.map((lane) => lane % 32) : lanes));
        }),
        wanted.length > 8 || flavour.bytes === 2
          ? v128.store(y, vector, i * VECTOR)
          : flavour.keepEight(y, vector, i * VECTOR),
      ),
    ),
    ...maps.map((map, i) => advance(map, elementAt(inputs, i).pixel)),
    advance(y, output.pixel),
  );
  return repeat(row, height, [
    repeat(column, width, pixel),
    ...maps.map((map, i) => advance(map, elementAt(inputs, i).row - width * elementAt(inputs, i).pixel)),
    advance(y, output.row - width * output.pixel),
  ]);
}

/** Few loads that have all the channels between them, each of as many as a vector has room for. */
function piecesOf(wanted: readonly Source[], { bytes }: Flavour): Piece[] {
  const together = VECTOR / bytes;
  const left = new Map(wanted.entries());
  const pieces: Piece[] = [];
  while (left.size > 0) {
    const [, { map, channel: first }] = [...left].reduce((a, b) => (isBefore(b[1], a[1]) ? b : a));
    const places: (number | undefined)[] = Array.from({ length: VECTOR }, () => undefined);
    for (const [place, source] of left) {
      const from = source.channel - first;
      if (source.map !== map || from < 0 || from >= together) continue;
      for (let byte = 0; byte < bytes; byte++) places[place * bytes + byte] = from * bytes + byte;
      left.delete(place);
    }
    pieces.push({ map, first, bytes: places });
  }
  return pieces;
}

function isBefore(a: Source, b: Source): boolean {
  return a.map < b.map || (a.map === b.map && a.channel < b.channel);
}
