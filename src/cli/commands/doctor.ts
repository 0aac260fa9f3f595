/** @file `limbeck doctor`: what computes here, how fast, and why not faster. */
import type { Command } from "commander";
import type { Choice, Trial } from "../../engine/wasm/index.ts";
import { jsonLine, print, style } from "../output.ts";

/** What is found, for machines. */
interface Diagnosis {
  readonly limbeck: string;
  readonly runtime: string;
  readonly machine: string;
  readonly engine: string;
  readonly threads: number;
  readonly choice: Choice;
  /** What would make it faster. */
  readonly advice: readonly string[];
}

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .summary("check what computes here, how fast, and why not faster")
    .description("Starts the wasm engine as training would, and reports its threads, its vector width and its speed.")
    .option("--json", "print JSON for machines")
    .addHelpText("after", "\nExamples:\n  limbeck doctor\n  limbeck doctor --json")
    .action(async ({ json = false }: { json?: boolean }) => {
      const diagnosis = await diagnose();
      await print(json ? jsonLine(diagnosis) : show(diagnosis));
    });
}

async function diagnose(): Promise<Diagnosis> {
  const [{ wasmEngine }, { environment }] = await Promise.all([
    import("../../engine/wasm/index.ts"),
    import("../../experiment/node/environment.ts"),
  ]);
  const engine = await wasmEngine();
  const { limbeck, runtime, machine } = environment(engine.description);
  const { threads, choice, description } = engine;
  await engine.close();
  return { limbeck, runtime, machine, engine: description, threads, choice, advice: advise(choice) };
}

function advise({ tile, wide, tried }: Choice): string[] {
  const advice: string[] = [];
  if (!tile.fused) {
    advice.push("This runtime has no fused multiply-add for WebAssembly (relaxed SIMD); a newer Node has.");
  }
  const triedWide = tried.find((trial) => trial.wide);
  if (!triedWide) {
    advice.push(
      "256-bit vectors need V8's --experimental-wasm-revectorize, which Node 24 and later can set themselves.",
    );
  } else if (!wide) {
    const reason = triedWide.gigaflops === 0 ? "gave wrong results" : "were no faster";
    advice.push(`256-bit vectors ${reason} on this processor, so 128-bit ones are used.`);
  }
  return advice;
}

function show({ limbeck, runtime, machine, engine, choice, advice }: Diagnosis): string {
  const rows: [string, string][] = [
    ["Limbeck", limbeck],
    ["Runtime", runtime],
    ["Machine", machine],
    ["Engine", engine],
    ...choice.tried.map((trial): [string, string] => ["Kernel", describe(trial, trial.tile === choice.tile)]),
  ];
  const lines = rows.map(([name, value]) => `${style("bold", name.padEnd(9), process.stdout)}${value}`);
  return [
    ...lines,
    "",
    ...(advice.length > 0 ? advice : ["Nothing is missing: no setting would make it faster here."]),
  ].join("\n");
}

function describe({ tile, wide, gigaflops }: Trial, isChosen: boolean): string {
  const block = `${tile.rows}x${tile.vectors * 4} block, ${wide ? 256 : 128}-bit`;
  const speed = gigaflops === 0 ? "wrong results" : `${gigaflops.toFixed(0)} GFLOP/s a thread`;
  return `${block}: ${speed}${isChosen ? ", in use" : ""}`;
}
