/** @file An engine that hands on everything: what wraps one says only what it does otherwise. */
import type { Engine } from "./contract.ts";

/** Does what `engine` does. */
export function forwarding(engine: Engine): Engine {
  return {
    name: engine.name,
    description: engine.description,
    compile: (graph) => engine.compile(graph),
    read: (state) => engine.read(state),
    write: (state, values) => engine.write(state, values),
    writeRows: (state, rows, values) => engine.writeRows(state, rows, values),
    roomForBytes: () => engine.roomForBytes(),
    free: (states) => engine.free(states),
    close: () => engine.close(),
  };
}
