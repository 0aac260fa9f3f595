/** @file The second operand of a matrix product, rearranged so that the innermost kernel reads it straight through. */
import { elementAt } from "../../../elements.ts";
import { address, advance, f32, i32, int, repeat, seq, set, v128, when, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { Buffer, type Kernel } from "./kernel.ts";

/** B [k, n] as panels of `width` columns, [ceil(n / width)][k][width], the last one filled up with zeros. */
export interface Panels {
  readonly buffer: Buffer;
  readonly k: number;
  readonly n: number;
  readonly width: number;
}

/** Where B's elements lie: k runs over nested axes, outermost first; steps in bytes. */
export interface PanelSource {
  readonly buffer: Buffer;
  readonly offset?: number;
  readonly k: readonly { readonly count: number; readonly step: number }[];
  readonly n: number;
  readonly nStep: number;
  /** Matrices one after the other (a grouped convolution's), each with panels of its own; one by default. */
  readonly groups?: number;
  readonly groupStep?: number;
}

/** Bytes from one panel to the next. */
export function panelBytes({ k, width }: Panels): number {
  return k * width * 4;
}

/** Bytes from one group's panels to the next group's. */
export function groupBytes(panels: Panels): number {
  return Math.ceil(panels.n / panels.width) * panelBytes(panels);
}

/** The kernel that rearranges, a task for each panel. */
export function packPanels(label: string, source: PanelSource, width: number): { panels: Panels; kernel: Kernel } {
  const k = source.k.reduce((product, axis) => product * axis.count, 1);
  const { offset = 0, groups = 1, groupStep = 0 } = source;
  const perGroup = Math.ceil(source.n / width);
  const panels: Panels = {
    buffer: new Buffer(`${label} panels`, groups * perGroup * k * width),
    k,
    n: source.n,
    width,
  };
  const kernel: Kernel = {
    label: `pack ${label} ${k}×${source.n}`,
    reads: [source.buffer],
    writes: [panels.buffer],
    tasks: groups * perGroup,
    body: (f, task) => {
      const from = f.local("i32");
      const to = f.local("i32");
      const panel = i32.remUnsigned(task, perGroup);
      const group = i32.divUnsigned(task, perGroup);
      const start = address([group, groupStep], [panel, width * source.nStep]);
      return seq(
        set(from, i32.add(start, source.buffer.address + offset)),
        set(to, address([task, panelBytes(panels)], panels.buffer.address)),
        inPanel(panel, panels, (valid) => copyRows(f, from, to, source, { width, valid })),
      );
    },
  };
  return { panels, kernel };
}

/** Columns in panels of a width. */
type Columns = Readonly<Record<"n" | "width", number>>;

/** Runs `body` for each panel; it is given how many of the panel's columns count. */
export function eachPanel(panel: Local, { n, width }: Columns, body: (valid: number) => Code): Code {
  const rest = n % width;
  const whole = (n - rest) / width;
  const wholePanels = repeat(panel, whole, body(width));
  return rest === 0 ? wholePanels : seq(wholePanels, set(panel, int(whole)), body(rest));
}

/** Does the same for one panel. */
export function inPanel(panel: Code, { n, width }: Columns, body: (valid: number) => Code): Code {
  const rest = n % width;
  if (rest === 0 || n < width) return body(n < width ? rest : width);
  return when(i32.eq(panel, (n - rest) / width), body(rest), body(width));
}

/** For every k: `valid` columns and zeros up to `width`; leaves `to` after the last. */
function copyRows(
  f: FunctionBuilder,
  from: Local,
  to: Local,
  source: PanelSource,
  { width, valid }: Readonly<Record<"width" | "valid", number>>,
): Code {
  const level = (depth: number, base: Local): Code => {
    const { count, step } = elementAt(source.k, depth);
    const counter = f.local("i32");
    const at = f.local("i32");
    const inner =
      depth < source.k.length - 1
        ? level(depth + 1, at)
        : seq(copyRow(at, to, source.nStep, width, valid), advance(to, width * 4));
    return seq(set(at, base), repeat(counter, count, [inner, advance(at, step)]));
  };
  return level(0, from);
}

function copyRow(from: Local, to: Local, nStep: number, width: number, valid: number): Code {
  const copies: Code[] = [];
  for (let n = 0; n < width;) {
    if (nStep === 4 && n + 4 <= valid) {
      copies.push(v128.store(to, v128.load(from, n * 4), n * 4));
      n += 4;
    } else {
      copies.push(f32.store(to, n < valid ? f32.load(from, n * nStep) : f32.const(0), n * 4));
      n++;
    }
  }
  return seq(...copies);
}
