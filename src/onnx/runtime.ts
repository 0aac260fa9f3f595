/** @file As much of ONNX Runtime as is needed: onnxruntime-node and onnxruntime-web both have it. */

/** The module: `import("onnxruntime-node")`, or `onnxruntime-web` in a page. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(file: Uint8Array, options?: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => RuntimeTensor;
}

export interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches?: readonly string[],
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

export interface RuntimeTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}
