/** @file `limbeck bench`: how fast a network is trained here, and where the time goes. */
import { Option, type Command } from "commander";
import { writeFile } from "node:fs/promises";
import { anEngineName, checkNames, namedSetting, whole } from "../../experiment/settings/index.ts";
import { defaultEngine, type EngineRequest } from "../../engine/engines.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { oneLine } from "../../printable.ts";
import { milliseconds } from "../../report/index.ts";
import type { Profile, LevelTime, Work } from "../../benchmark/index.ts";
import { merged, read } from "../options.ts";
import { cut, jsonLine, listWithin, print, roomBeside, stdoutColumns, style, table } from "../output.ts";

interface Options {
  readonly model: string;
  readonly method: string;
  readonly teacherModel: string;
  readonly modelOption?: Readonly<Record<string, unknown>>;
  readonly teacherModelOption?: Readonly<Record<string, unknown>>;
  readonly kind: Work["kind"];
  readonly batchSize: number;
  readonly engine?: EngineRequest;
  readonly threads?: number;
  readonly repeats: number;
  readonly profile?: boolean;
  readonly emit?: string;
  readonly json?: boolean;
}

export function addBench(command: Command): void {
  command
    .description("Times training steps or forward passes on noise. Saves nothing.")
    .option("--model <name>", "name of the model", "DeepNN")
    .option("--method <name>", "name of the method", "ce")
    .option("--teacher-model <name>", "the teacher's model, for a method that needs one", "DeepNN")
    .option("--model-option <name=x>", "an option of the model: widths=64,256,256; repeatable", merged(namedSetting))
    .option("--teacher-model-option <name=x>", "an option of the teacher's model; repeatable", merged(namedSetting))
    .addOption(
      new Option("--kind <kind>", `what to time: ${Object.keys(kinds).join(", ")}`)
        .choices(Object.keys(kinds))
        .default("train"),
    )
    .option("--batch-size <n>", "images per step", read(whole(1)), 128)
    .option("--engine <name>", `engine: ${anEngineName}; --profile and --emit use wasm`)
    .option("--threads <n>", "threads of the wasm engine (default: all cores)", read(whole(1, 256)))
    .option("--repeats <n>", "measurements; the median is shown", read(whole(1)), 7)
    .option("--profile", "show each kernel's share of a step and which operations are fused, and why")
    .option(
      "--emit <file>",
      "write the WebAssembly of a step instead: FILE.wasm, or FILE.wat as text (npm package wabt)",
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck bench --model resnet20\n  limbeck bench --model DeepNN --kind forward\n" +
        "  limbeck bench --model LightNN --method kd --profile\n  limbeck bench --model LightNN --emit step.wat",
    )
    .action(bench);
}

/** What is timed, in words. */
const kinds = {
  train: "a training step",
  forward: "a forward pass",
  evaluate: "a batch of an evaluation",
  call: "a call",
} as const satisfies Record<Work["kind"], string>;

async function bench({ engine = defaultEngine, threads, repeats, json = false, ...options }: Options): Promise<void> {
  const { nameWithOptions } = await import("../../models/index.ts");
  checkNames({ ...options, engine });
  checkTakenApart(engine, options);
  const work: Work = {
    kind: options.kind,
    model: options.model,
    method: options.method,
    teacher: options.teacherModel,
    modelOptions: options.modelOption,
    teacherOptions: options.teacherModelOption,
    batchSize: options.batchSize,
  };
  const engineOptions = threads === undefined ? {} : { threads };
  const { emittedModule, interleave, limbeckContender, median, profile } = await import("../../benchmark/index.ts");
  if (options.emit !== undefined) {
    await writeModule(options.emit, () => emittedModule(work, engineOptions));
    await print(json ? jsonLine({ work, written: options.emit }) : `Written: ${oneLine(options.emit)}`);
    return;
  }
  if (options.profile) {
    const found = await profile(work, { ...engineOptions, repeats });
    await print(json ? jsonLine({ work, ...found }) : showProfile(found));
    return;
  }
  const contender = await limbeckContender(work, { engine, ...engineOptions });
  const [measured] = await interleave([contender], { repeats }).finally(() => contender.close());
  const { samples } = measured!;
  const time = median(samples);
  const imagesPerSecond = (1000 * work.batchSize) / time;
  await print(
    json
      ? jsonLine({ work, engine: contender.engine, milliseconds: time, samples, imagesPerSecond })
      : `${nameWithOptions(work.model, work.modelOptions)}, ${kinds[work.kind]} on ${work.batchSize} ${work.batchSize === 1 ? "image" : "images"}: ` +
          `${style("bold", `${milliseconds(time)} ms`, process.stdout)}, ${imagesPerSecond.toFixed(0)} images a second ` +
          `(median of ${samples.length}, ${milliseconds(Math.min(...samples))} to ${milliseconds(Math.max(...samples))} ms; ${contender.engine})`,
  );
}

/** Throws ARGUMENT where another engine than wasm should be taken apart. */
function checkTakenApart(engine: EngineRequest, { profile, emit }: Pick<Options, "profile" | "emit">): void {
  const option = profile ? "--profile" : emit === undefined ? undefined : "--emit";
  if (option === undefined || engine === "wasm" || engine === "auto") return;
  throw new LimbeckError("ARGUMENT", `${option} takes the wasm engine's programs apart; leave --engine ${engine} out`);
}

/** Columns of a profile that is no terminal's. */
const pipedColumns = 120;

function showProfile({ engine, levels, groups }: Profile): string {
  const columns = Math.min(stdoutColumns(), process.stdout.isTTY ? Infinity : pipedColumns);
  const total = levels.reduce((sum, level) => sum + level.milliseconds, 0);
  const longest = [...levels.entries()].toSorted(([, a], [, b]) => b.milliseconds - a.milliseconds);
  const headings = ["Level", "ms", "%", "GFLOP/s", "GB/s"];
  const figures = longest.map(([i, level]) => levelFigures(i + 1, level, total));
  const room = roomBeside(headings, figures, columns);
  const lines = longest.map(([, level], i) => [...figures[i]!, listWithin(counted(level), room)]);
  const names = groups.map(({ operations }) => [joined(operations)]);
  const beside = roomBeside(["Fused"], names, columns);
  const fused = groups.map(({ decision }, i) => {
    const how = decision ? `${decision.algorithm}: ${decision.reason}` : "";
    return [...names[i]!, cut(how, beside)];
  });
  return [
    table([...headings, "Kernels"], lines),
    `\n${milliseconds(total)} ms in ${levels.length} levels, the longest first; ${engine}.`,
    "GFLOP/s count a convolution as if direct; GB/s count each buffer once.\n",
    table(["Fused", "How, and why"], fused),
  ].join("\n");
}

/** A level's kernels, the heaviest first and equal ones once. */
function counted({ kernels }: LevelTime): string[] {
  const counts = new Map<string, number>();
  const heaviestFirst = kernels.toSorted((a, b) => b.flops - a.flops || b.bytes - a.bytes);
  for (const { label } of heaviestFirst) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Array.from(counts, ([label, count]) => (count === 1 ? label : `${label} (${count} times)`));
}

/** The operations' names, and the shape of the result. */
function joined(operations: readonly string[]): string {
  const names = operations.map((operation) => operation.slice(0, operation.indexOf(" ")));
  const last = operations.at(-1) ?? "";
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${shown.join(" + ")} ${last.slice(last.indexOf(" ") + 1)}`;
}

function levelFigures(place: number, { kernels, milliseconds: time }: LevelTime, total: number): string[] {
  const sum = (of: "flops" | "bytes"): number => kernels.reduce((all, kernel) => all + kernel[of], 0);
  const perSecond = (amount: number): string =>
    amount > 0 ? (amount / time / 1e6).toFixed(amount / time < 1e7 ? 1 : 0) : "";
  return [
    String(place),
    time.toFixed(2),
    ((100 * time) / total).toFixed(1),
    perSecond(sum("flops")),
    perSecond(sum("bytes")),
  ];
}

/**
 * Writes a module to FILE.wasm, or its text to FILE.wat, which needs the package wabt.
 *
 * Throws ARGUMENT for another ending, UNSUPPORTED without wabt, OUTPUT if the file cannot be written.
 */
async function writeModule(file: string, make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
  if (!/\.wa(sm|t)$/.test(file))
    throw new LimbeckError(
      "ARGUMENT",
      `--emit should name a file ending in .wasm or .wat, got ${JSON.stringify(file)}`,
    );
  const toText = file.endsWith(".wat") ? await printer() : undefined;
  const module = await make();
  await writeFile(file, toText ? toText(module) : module).catch((error: unknown) => {
    throw new LimbeckError("OUTPUT", `${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  });
}

/** What turns a module into text, with the names of its functions. */
async function printer(): Promise<(module: Uint8Array) => string> {
  const wabt = await import("wabt").then(
    (loaded) => loaded.default(),
    (error: unknown) => {
      throw new LimbeckError(
        "UNSUPPORTED",
        "text needs the package wabt, which is not installed; install it (npm install wabt), or write a .wasm file",
        { cause: error },
      );
    },
  );
  return (module) => {
    const read = wabt.readWasm(module, { readDebugNames: true, simd: true, threads: true, relaxed_simd: true });
    read.applyNames();
    const text = read.toText({ foldExprs: true, inlineExport: false });
    read.destroy();
    return text;
  };
}
