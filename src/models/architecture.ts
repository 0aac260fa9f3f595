/** @file A network in words and numbers, from which it can be made anew: what its weights file says of it. */

/** A network of the table, several as one, or what a method made of a student and its teacher's parts. */
export type Architecture = TableArchitecture | EnsembleArchitecture | TaughtArchitecture;

/** `createModel(name, { classes, dropout })`. */
export interface TableArchitecture {
  readonly kind: "model";
  readonly name: string;
  readonly classes: number;
  readonly dropout?: number | undefined;
}

/** `ensemble(members, weights)`. */
export interface EnsembleArchitecture {
  readonly kind: "ensemble";
  readonly members: readonly Architecture[];
  readonly weights: readonly number[];
}

/** `learner(student, objectiveNamed(method, options), teacher).model`. */
export interface TaughtArchitecture {
  readonly kind: "taught";
  readonly student: Architecture;
  readonly teacher: Architecture;
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The name that a person knows it by: `resnet8`, `resnet8 + resnet14`; of a taught network, the student's. */
export function architectureName(architecture: Architecture): string {
  if (architecture.kind === "model") return architecture.name;
  if (architecture.kind === "taught") return architectureName(architecture.student);
  return architecture.members.map(architectureName).join(" + ");
}
