/** @file The nodes that an output depends on, each after those whose results it takes. */
import { LimbeckError } from "../errors.ts";
import { damaged } from "./protobuf.ts";
import { shownName, type OnnxFile, type OnnxNode } from "./model-proto.ts";

/**
 * The nodes that these values are made by, in an order in which they can run. Throws WEIGHTS for a value that two nodes make or none does, and for nodes that wait for each other.
 */
export function orderedNodes(file: OnnxFile, outputs: readonly string[]): OnnxNode[] {
  const maker = makersOf(file);
  const given = new Set([...file.inputs.map(({ name }) => name), ...file.initializers.keys()]);
  const order: OnnxNode[] = [];
  const state = new Map<OnnxNode, "begun" | "done">();
  // NOTE: a stack of our own; a deep network's graph overflows recursion.
  const stack: { node: OnnxNode; next: number }[] = [];
  const enter = (name: string, by: OnnxNode | undefined): void => {
    if (name === "" || given.has(name)) return;
    const node = maker.get(name);
    const wants = by ? `node ${by.op} ${shownName(by.name)} takes` : "the output asked for is";
    if (!node) return damaged(file, by?.at ?? 0, `${wants} ${shownName(name)}, which nothing makes`);
    if (state.get(node) === "begun") {
      damaged(
        file,
        node.at,
        `node ${node.op} ${shownName(node.name)} takes what follows from its own result, ${shownName(name)}`,
      );
    }
    if (state.has(node)) return;
    state.set(node, "begun");
    stack.push({ node, next: 0 });
  };
  for (const name of outputs) {
    enter(name, undefined);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input !== undefined) enter(input, top.node);
      else {
        state.set(top.node, "done");
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** Which node makes each value. Throws WEIGHTS for a value that is made twice. */
export function makersOf(file: OnnxFile): Map<string, OnnxNode> {
  const maker = new Map<string, OnnxNode>();
  const given = new Set([...file.inputs.map(({ name }) => name), ...file.initializers.keys()]);
  for (const node of file.nodes) {
    for (const name of node.outputs) {
      if (name === "") continue;
      if (maker.has(name) || given.has(name)) {
        damaged(
          file,
          node.at,
          `node ${node.op} ${shownName(node.name)} makes ${shownName(name)}, which another node makes too`,
        );
      }
      maker.set(name, node);
    }
  }
  return maker;
}

/** The file's output of this name, or its only one. Throws UNKNOWN_NAME for another name, ARGUMENT where it has several and none is named. */
export function outputOf({ outputs, source }: OnnxFile, named?: string): string {
  const names = outputs.map(({ name }) => name);
  const listed = names.slice(0, 10).map(shownName).join(", ");
  if (named !== undefined) return named;
  const [only, ...others] = names;
  if (only === undefined) throw new LimbeckError("WEIGHTS", `${source}: its graph should have an output, got none`);
  if (others.length === 0) return only;
  throw new LimbeckError(
    "ARGUMENT",
    `${source} has the outputs ${listed}; say which of them are the logits, as output`,
  );
}
