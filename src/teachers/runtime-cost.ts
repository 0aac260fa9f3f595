/** @file What a network that ONNX Runtime runs costs: its graph's multiply-adds, by the shapes that its values have in a run. */
import { productsOf, tapOnnx } from "../onnx/index.ts";
import { asEngineError, madeUp, type RuntimeTeacherOptions } from "./runtime-teacher.ts";

/**
 * Of one image, by a run of one, or of the file's batch. `undefined` where the graph has operators that may multiply in a way that is not known. Throws
 * as `runtimeTeacher`.
 */
export async function runtimeMultiplyAdds(
  options: Omit<RuntimeTeacherOptions, "taps" | "name" | "identity">,
): Promise<number | undefined> {
  const { runtime, bytes, source, preprocessing, sessionOptions = {} } = options;
  const { inputShape } = preprocessing;
  const products = productsOf(bytes, options);
  if (!products) return undefined;
  const tapped = tapOnnx(bytes, { ...options, inputShape, taps: products.values });
  const session = await asEngineError(source, runtime.InferenceSession.create(tapped.bytes, sessionOptions));
  try {
    const { input, batch = 1 } = tapped;
    const images = madeUp({ runtime, tapped, inputShape }, batch);
    const values = await asEngineError(source, session.run({ [input]: images }, products.values));
    return products.count((name) => (name === input ? images : values[name]!).dims) / batch;
  } finally {
    await session.release();
  }
}
