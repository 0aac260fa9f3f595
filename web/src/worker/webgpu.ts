/** @file The engine for graphics cards, which is loaded only where one is asked for. */
export { webGpuEngine } from "limbeck";
