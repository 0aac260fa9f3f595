/** @file One recording of a network: modules become callable, and what they give has paths. */
import { checkArguments } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { Buffer, Callable, Module, Modules, Scope } from "./module.ts";
import { unknownName } from "../nearest-name.ts";
import { aTensor, input, type Tensor } from "../tensor/index.ts";

/** A mask that must be drawn afresh before each run: `values = Bernoulli(keep) / keep`, as PyTorch's dropout. */
export interface Mask {
  readonly input: Tensor<{ readonly name: string }>;
  readonly keep: number;
}

/** One recording of a network: its mode, every module's output by path, the masks it wants, and what it does to buffers. */
export class Pass {
  /** Training mode, or evaluation. */
  readonly training: boolean;
  /** Every module's output by its path, such as `features.3`; the network's own under `""`. Of several calls, the last one's. */
  readonly outputs: Map<string, Tensor> = new Map();
  /** In the order in which PyTorch would draw them. */
  readonly masks: Mask[];
  /** What each buffer becomes by a training step. NOTE: a graph that trains has to apply these; `train` does. */
  readonly updates: Map<Tensor, Tensor>;

  /** `after`: the recording that comes before in the same step. Its masks and updates are this one's too, which goes on from them. */
  constructor(training: boolean, after?: Pass) {
    this.training = training;
    this.masks = after?.masks ?? [];
    this.updates = after?.updates ?? new Map();
  }

  /** Records a module under a path, its children's below; `""` is the network itself. A LimbeckError gets the path in front. */
  run(path: string, module: Module, x: Tensor): Tensor {
    const call = { isOver: false };
    try {
      const y = module.forward(x, this.#callables(path, module.children ?? {}, call), this.#scope(path));
      checkArguments("forward", { result: [y, aTensor] });
      this.outputs.set(path, y);
      return y;
    } catch (error) {
      throw path === "" ? error : located(error, this, path);
    } finally {
      call.isOver = true;
    }
  }

  #callables(path: string, children: Modules, call: { readonly isOver: boolean }): Record<string, Callable> {
    const callable = (name: string, child: Module): Callable => {
      const whole = below(path, name);
      return (x) => {
        checkArguments(whole, { x: [x, aTensor] });
        if (call.isOver) throw calledOutside(whole);
        return this.run(whole, child, x);
      };
    };
    return Object.fromEntries(Object.entries(children).map(([name, child]) => [name, callable(name, child)]));
  }

  #scope(path: string): Scope {
    const { training, outputs, masks, updates } = this;
    return {
      training,
      note(name, x) {
        outputs.set(below(path, name), x);
        return x;
      },
      output(name) {
        const start = below(path, "");
        const known = () =>
          [...outputs.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
        return outputs.get(start + name) ?? unknownName("output", name, known());
      },
      mask(shape, keep) {
        const name = `mask ${path}`;
        // A module that runs again draws again.
        const earlier = masks.filter(
          ({ input: { attributes } }) => attributes.name.replace(/ #\d+$/, "") === name,
        ).length;
        const mask = { input: input(earlier === 0 ? name : `${name} #${earlier + 1}`, shape), keep };
        masks.push(mask);
        return mask.input;
      },
      update(buffer, next) {
        updates.set(buffer, next(updates.get(buffer) ?? buffer));
      },
    };
  }
}

/** Records a whole network on x, `after` an earlier recording of the step, if there is one. */
export function record(
  module: Module,
  x: Tensor,
  options: { readonly training: boolean; readonly after?: Pass | undefined },
): Pass & { readonly output: Tensor } {
  const { training, after } = options;
  const pass = new Pass(training, after);
  return Object.assign(pass, { output: pass.run("", module, x) });
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function calledOutside(path: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `${path}: a child should be called while its parent's forward runs, got a call after that; call it within forward, or record ` +
      "its module by nn.record",
  );
}

interface Place {
  readonly owner: object;
  readonly path: string;
  /** The message without the path. */
  readonly message: string;
}

const places = new WeakMap<LimbeckError, Place>();

/**
 * The error with the path of the module that `owner`, a pass, was running: once for each pass, so that the innermost module of
 * a pass is named, and a pass within a module of another adds to its path. Other errors than Limbeck's stay as they are.
 */
function located(error: unknown, owner: object, path: string): unknown {
  if (!(error instanceof LimbeckError)) return error;
  const known = places.get(error);
  if (known?.owner === owner) return error;
  const whole = known ? `${path}.${known.path}` : path;
  const message = known?.message ?? error.message;
  const wrapped = new LimbeckError(error.code, `${whole}: ${message}`, { cause: error });
  places.set(wrapped, { owner, path: whole, message });
  return wrapped;
}

/**
 * The module on the same tensors, none of them trained or drawn: its parameters are buffers, and it always runs in
 * evaluation mode. It is saved with the network that it becomes a part of.
 */
export function frozen(module: Module): Module {
  const kept = ([name, { tensor }]: readonly [string, { readonly tensor: Buffer["tensor"] }]) => [name, { tensor }];
  const children = Object.entries(module.children ?? {}).map(([name, child]) => [name, frozen(child)]);
  return {
    buffers: Object.fromEntries(
      [...Object.entries(module.parameters ?? {}), ...Object.entries(module.buffers ?? {})].map(kept),
    ),
    children: Object.fromEntries(children),
    forward: (x) => record(module, x, { training: false }).output,
  };
}
