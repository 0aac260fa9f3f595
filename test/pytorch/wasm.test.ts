/** @file The wasm engine against PyTorch. */
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { figures } from "./figures.ts";

figures("wasm", () => wasmEngine({ threads: 2 }), 1e-5);
