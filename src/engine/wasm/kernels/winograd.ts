/**
 * @file 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3): tiles of 6×6 inputs and 4×4 outputs, 36 small matrix products over
 * all tiles instead of 144 multiplications an output. See winograd-transform.ts for the arithmetic.
 */
import type { Convolution, InputGradient } from "./convolution.ts";
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import {
  address,
  advance,
  f32x4,
  forRange,
  i32,
  int,
  repeat,
  seq,
  set,
  v128,
  when,
  type Code,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { loadStrided } from "./floats.ts";
import { Buffer, eachItem, type Kernel } from "./kernel.ts";
import { eachPanel } from "./panels.ts";
import { relu as rectified } from "./math.ts";
import { finishReads, strip } from "./product.ts";
import type { TileShape } from "./tile.ts";
import {
  betweenBytes,
  filterTransform,
  imageTiles,
  inputs,
  outputs,
  outputTransform,
  positionBytes,
  positions,
  tileRowBytes,
  tiling,
  transformSquare,
  transformTiles,
  type Tiling,
} from "./winograd-transform.ts";

/** y = conv(x, weight) with its epilogue. */
export function winogradForward({ tile, shape, x, weight, y, epilogue }: Convolution): Kernel[] {
  const filter = {
    k: shape.channels,
    n: shape.outputs,
    kStep: 4,
    nStep: 9 * shape.channels * 4,
    first: 0,
    tapStep: shape.channels * 4,
  };
  const { u, kernel } = transformFilters(tile, filter, weight);
  return [kernel, convolve(`conv2d ${describe(shape)}, Winograd`, { tile, shape, x, u, y, epilogue })];
}

/** dL/dx: the convolution of dL/dy with the filters turned round. */
export function winogradInputGrad({ tile, shape, g, weight, dx, epilogue }: InputGradient): Kernel[] {
  const { channels, outputs: o, input, output, padding } = shape;
  const filter = {
    k: o,
    n: channels,
    kStep: 9 * channels * 4,
    nStep: 4,
    first: 8 * channels * 4,
    tapStep: -channels * 4,
  };
  const label = `conv2dInputGrad ${describe(shape)}, Winograd`;
  const turned: ConvShape = {
    ...shape,
    input: output,
    output: input,
    channels: o,
    outputs: channels,
    padding: [2 - padding[0], 2 - padding[1]],
  };
  const { u, kernel } = transformFilters(tile, filter, weight);
  return [kernel, convolve(label, { tile, shape: turned, x: g, u, y: dx, epilogue })];
}

/** Where the filters' elements lie: tap t of the filter from k to n at `first` + t · `tapStep` + k · kStep + n · nStep. */
interface Filters {
  readonly k: number;
  readonly n: number;
  readonly kStep: number;
  readonly nStep: number;
  readonly first: number;
  readonly tapStep: number;
}

/** Private memory for tiles before and after the products: they should stay in the second-level cache, with filters beside them. */
const tileMemory = 300 * 1024;
/** Filters are read anew for each lot of tiles, so tiles take an eighth of the filters' memory where that is more. */
const filtersToTiles = 8;
/** Tasks at least, if there are as many images. */
const leastTasks = 16;
/** Filters of a task. */
const taskFilters = 512;

/** U = G·g·Gᵀ as panels, [36][ceil(n / width)][k][width]. */
function transformFilters(
  tile: TileShape,
  { k, n, kStep, nStep, first, tapStep }: Filters,
  weight: Buffer,
): { u: Buffer; kernel: Kernel } {
  const width = tile.vectors * 4;
  const panels = Math.ceil(n / width);
  const step = positionBytes(panels * k * width);
  const u = new Buffer("transformed filters", (positions * step) / 4);
  const chunk = Math.max(1, Math.floor(taskFilters / n));
  const kernel = eachItem(
    { label: `transform filters ${k}×${n}`, reads: [weight], writes: [u], scratch: betweenBytes, count: k, chunk },
    (f, row, scratch) => {
      const [column, from, to] = f.locals("i32", 3);
      const tap = (i: number): number => first + i * tapStep;
      const load = (r: number, c: number): Code =>
        nStep === 4 ? v128.load(from, tap(r * 3 + c)) : loadStrided(f, from, tap(r * 3 + c), nStep, 4);
      const store = (r: number, c: number, values: readonly Local[]): Code =>
        seq(...values.map((value) => v128.store(to, value, (r * inputs + c) * step)));
      // Column vectors of a panel lie in one row of it; panels follow each other.
      const panel = i32.divUnsigned(column, tile.vectors);
      const inPanel = i32.remUnsigned(column, tile.vectors);
      return repeat(column, n / 4, [
        set(from, address([row, kStep], [column, 4 * nStep], weight.address)),
        set(to, address([panel, k * width * 4], [row, width * 4], [inPanel, 16], u.address)),
        transformSquare(
          f,
          { transform: filterTransform, n: 3, m: inputs, vectors: 1 },
          { load, store, between: scratch },
        ),
      ]);
    },
  );
  return { u, kernel };
}

/** A convolution whose filters are transformed: `u`. */
type Transformed = Omit<Convolution, "weight"> & { readonly u: Buffer };

function convolve(label: string, convolution: Transformed): Kernel {
  const { tile, shape, x, u, y, epilogue } = convolution;
  const { images, channels: k, outputs: n, output } = shape;
  const width = tile.vectors * 4;
  const panels = Math.ceil(n / width);
  const plan = tiling(shape, {
    perTile: positions * (k + n) * 4,
    memory: Math.max(tileMemory, (positions * k * n * 4) / filtersToTiles),
    among: imagesTogether(images),
  });
  const { down, band, tiles } = plan;
  const bands = down / band;
  const source = imageTiles(shape, plan);
  const rowsBytes = tileRowBytes(source);
  const [vStep, mStep] = [positionBytes(tiles * k), positionBytes(tiles * n)];
  const vBytes = positions * vStep;
  return {
    label,
    reads: [x, u, ...finishReads(epilogue)],
    writes: [y],
    tasks: (images / plan.images) * bands,
    scratch: betweenBytes + rowsBytes + vBytes + positions * mStep,
    flops: 2 * images * output[0] * output[1] * n * k * 9,
    body: (f, task, scratch) => {
      const [image, firstTileRow, v, m, position, panel] = f.locals("i32", 6);
      const [a, b, c] = f.locals("i32", 3);
      const product = (columns: number): Code =>
        seq(
          set(a, address(v, [position, vStep])),
          set(b, address([position, positionBytes(panels * k * width)], [panel, k * width * 4], u.address)),
          set(c, address(m, [position, mStep], [panel, width * 4])),
          strip(f, tile, {
            a,
            b,
            c,
            rows: tiles,
            columns,
            aRow: k * 4,
            cRow: n * 4,
            sum: [{ count: k, aStep: 4, bStep: width * 4 }],
            epilogue: {},
          }),
        );
      return seq(
        set(image, i32.mul(i32.divUnsigned(task, bands), plan.images)),
        set(firstTileRow, i32.mul(i32.remUnsigned(task, bands), band)),
        set(v, i32.add(scratch, betweenBytes + rowsBytes)),
        set(m, i32.add(v, vBytes)),
        transformTiles(
          f,
          source,
          plan,
          { buffer: x, image, tileRow: firstTileRow },
          {
            rows: i32.add(scratch, betweenBytes),
            result: v,
            between: scratch,
          },
        ),
        repeat(position, positions, eachPanel(panel, { n, width }, product)),
        transformResult(f, plan, convolution, { m, image, tileRow: firstTileRow, between: scratch }),
      );
    },
  };
}

/** Of how many images tiles may be multiplied at once: enough tasks have to be left for threads to share. */
function imagesTogether(images: number): number {
  for (let together = Math.floor(images / leastTasks); together > 1; together--)
    if (images % together === 0) return together;
  return 1;
}

/** y = Aᵀ·m·A of a band of tiles, with bias, addition, ReLU and mask, clipped to the image. */
function transformResult(
  f: FunctionBuilder,
  { across, band, images, tiles }: Tiling,
  { shape: { outputs: n, output }, y, epilogue: { bias, added, relu, positive } }: Transformed,
  first: Readonly<Record<"m" | "image" | "tileRow" | "between", Local>>,
): Code {
  const [image, lastImage, tileRow, column, group, from, to, top, left] = f.locals("i32", 9);
  const [biasAt, addedAt, positiveAt] = f.locals("i32", 3);
  const [height, width] = output;
  const load = (r: number, c: number, lane: number): Code =>
    v128.load(from, (r * inputs + c) * positionBytes(tiles * n) + lane * 16);
  const store = (r: number, c: number, values: readonly Local[]): Code => {
    const offset = (r * width + c) * n * 4;
    const finish = values.map((value, lane) => {
      const biased = bias ? set(value, f32x4.add(value, v128.load(biasAt, lane * 16))) : [];
      const sum = added ? set(value, f32x4.add(value, v128.load(addedAt, offset + lane * 16))) : [];
      const held = relu ? set(value, rectified(value)) : [];
      if (!positive) return seq(biased, sum, held);
      const reference = v128.load(positiveAt, offset + lane * 16);
      return seq(biased, sum, held, set(value, v128.andNot(value, f32x4.le(reference, f32x4.const(0)))));
    });
    const code = seq(...finish, ...values.map((value, lane) => v128.store(to, value, offset + lane * 16)));
    const rowFits = height % outputs === 0 ? code : when(i32.ltSigned(i32.add(top, r), height), code);
    return width % outputs === 0 ? rowFits : when(i32.ltSigned(i32.add(left, c), width), rowFits);
  };
  const oneTile = seq(
    set(left, i32.mul(column, outputs)),
    set(to, i32.mul(address([address([image, height], top), width], left), n * 4)),
    added ? set(addedAt, i32.add(to, added.address)) : [],
    positive ? set(positiveAt, i32.add(to, positive.address)) : [],
    set(to, i32.add(to, y.address)),
    bias ? set(biasAt, int(bias.address)) : [],
    repeat(group, n / 8, [
      transformSquare(
        f,
        { transform: outputTransform, n: inputs, m: outputs, vectors: 2 },
        { load, store, between: first.between },
      ),
      advance(from, 32),
      advance(to, 32),
      bias ? advance(biasAt, 32) : [],
      added ? advance(addedAt, 32) : [],
      positive ? advance(positiveAt, 32) : [],
    ]),
  );
  const oneImage = repeat(tileRow, band, [
    set(top, i32.mul(i32.add(first.tileRow, tileRow), outputs)),
    repeat(column, across, oneTile),
  ]);
  return seq(
    set(from, first.m),
    set(lastImage, i32.add(first.image, images)),
    forRange(image, first.image, lastImage, 1, oneImage),
  );
}
