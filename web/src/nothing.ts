/** @file Stands for modules that need Node, which no page loads. */
export const needsNode = undefined;
