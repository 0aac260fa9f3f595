/** @file JavaScript's own objects, which Limbeck computes with: a user module that changes them would change numbers in silence. */
import { LimbeckError } from "../../../errors.ts";

const constructors = [
  Object.getPrototypeOf(Uint8Array) as typeof Uint8Array,
  Uint8Array,
  Uint16Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Object,
  Array,
  Map,
  Set,
  WeakMap,
  Promise,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  RegExp,
  Function,
  Error,
  TypeError,
];

/** What a property holds: a value, or what gets it. */
interface Property {
  readonly key: string | symbol;
  readonly held: unknown;
}

/** One of them as it was before a user module ran. */
interface Intrinsic {
  /** As a message calls it. */
  readonly name: string;
  readonly object: object;
  readonly properties: readonly Property[];
  /** Others have its properties as theirs. */
  readonly isInherited?: boolean;
}

const { getOwnPropertyDescriptor, is, keys } = Object;
/** `Math.random` may be seeded: Limbeck draws no number by it. */
const replaceable: ReadonlySet<string> = new Set(["Math.random", "Error.stackTraceLimit", "Error.prepareStackTrace"]);
const globals: readonly Property[] = constructors
  .filter(({ name }) => Object.hasOwn(globalThis, name))
  .map((each) => ({ key: each.name, held: each }));
const intrinsics: readonly Intrinsic[] = [
  ...constructors.flatMap((each) => [
    intrinsic(each.name, each),
    { ...intrinsic(`${each.name}.prototype`, each.prototype), isInherited: true },
  ]),
  intrinsic("the iterator of lists", Object.getPrototypeOf([].values()) as object),
  ...Object.entries({ Math, JSON, Reflect, Atomics, WebAssembly }).map(([name, object]) => intrinsic(name, object)),
  { name: "globalThis", object: globalThis, properties: globals },
];

function intrinsic(name: string, object: object): Intrinsic {
  const properties = Reflect.ownKeys(object).map((key) => ({ key, held: heldBy(object, key) }));
  return { name, object, properties: properties.filter(({ key }) => !replaceable.has(`${name}.${String(key)}`)) };
}

function heldBy(object: object, key: string | symbol): unknown {
  const found = getOwnPropertyDescriptor(object, key);
  return found?.get ?? (found?.value as unknown);
}

/**
 * Throws MODULE where one of them is not what it was: a method replaced or removed, or a property added that every loop over an object's
 * keys would meet. Other additions, as polyfills make them, are harmless.
 *
 * NOTE: loops by index, because what goes through a list may be what was changed.
 */
export function checkIntrinsics(path: string): void {
  for (let i = 0; i < intrinsics.length; i++) {
    const { name, object, properties, isInherited } = intrinsics[i] as Intrinsic;
    for (let j = 0; j < properties.length; j++) {
      const { key, held } = properties[j] as Property;
      if (!is(heldBy(object, key), held)) throw changed(path, name, key);
    }
    const added = isInherited ? keys(object) : [];
    if (added.length > 0) throw changed(path, name, String(added[0]));
  }
}

function changed(path: string, name: string, key: string | symbol): LimbeckError {
  const what = name === "globalThis" ? String(key) : `${name}.${String(key)}`;
  return new LimbeckError(
    "MODULE",
    `the module ${path}, or what it imports, changed ${what}, which Limbeck computes with; leave JavaScript's own objects as they are`,
  );
}
