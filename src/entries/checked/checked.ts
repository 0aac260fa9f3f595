/**
 * @file Functions as the package publishes them: the types of their arguments are checked here, once, where a call comes in. Inside,
 * types hold. NOTE: what a page may do without has a file of its own here: bundlers leave out files, but not these calls.
 */
import { checkArguments, kindsByName, type Kinds } from "../../arguments.ts";

type Function = (...args: never[]) => unknown;

/** `call`, which throws ARGUMENT for the first argument that is not of its kind. `kinds` has the parameters by name, in their order. */
/* @__NO_SIDE_EFFECTS__ */
export function checked<Call extends Function>(name: string, call: Call, kinds: Kinds): Call {
  const check = checking(name, kinds);
  const wrapped: Function = (...args) => {
    check(args);
    return call(...args);
  };
  return wrapped as Call;
}

/** The same of a function that gives a promise, which then rejects. */
/* @__NO_SIDE_EFFECTS__ */
export function checkedAsync<Call extends (...args: never[]) => Promise<unknown>>(
  name: string,
  call: Call,
  kinds: Kinds,
): Call {
  const check = checking(name, kinds);
  const wrapped: Function = async (...args) => {
    check(args);
    return call(...args);
  };
  return wrapped as Call;
}

/** The same of work that is done in steps, the first of which then rejects. */
/* @__NO_SIDE_EFFECTS__ */
export function checkedSteps<Call extends (...args: never[]) => AsyncGenerator>(
  name: string,
  call: Call,
  kinds: Kinds,
): Call {
  const check = checking(name, kinds);
  const wrapped: Function = async function* (...args) {
    check(args);
    return yield* call(...args);
  };
  return wrapped as Call;
}

/** Checks the arguments of a call. */
function checking(call: string, kinds: Kinds): (args: readonly unknown[]) => void {
  const named = kindsByName(kinds);
  return (args) => checkArguments(call, Object.fromEntries(named.map(([name, kind], i) => [name, [args[i], kind]])));
}
