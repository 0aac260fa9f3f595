/**
 * @file Preloaded by Node (`--import`) into a command that computes on SwiftShader: spares the driver most of its compiling, as other tests
 * do; and at SIGUSR2 the device is destroyed, as when a driver restarts.
 */
import { registerHooks } from "node:module";

const webgpu = import.meta.resolve("webgpu");
const quick = `import { create as start } from ${JSON.stringify(webgpu)};
export const create = () => start(["enable-dawn-features=disable_workgroup_init"]);`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "webgpu"
      ? { url: `data:text/javascript,${encodeURIComponent(quick)}`, shortCircuit: true }
      : next(specifier, context),
});

const { globals } = await import(webgpu);
const { GPUAdapter } = globals as { readonly GPUAdapter: { readonly prototype: GPUAdapter } };
const { requestDevice } = GPUAdapter.prototype;

GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const device = await requestDevice.call(this, descriptor);
  process.once("SIGUSR2", () => device.destroy());
  return device;
};
