/** @file The settings of a lesson, and how a link holds them. */
import type { MethodEntry } from "virtual:catalogue";
import { problemOf } from "./bounds.ts";
import { engineNames, type OptionValues, type Settings } from "./messages.ts";

/** One method that helps such a student in so few epochs, and the best-known one, which may not. */
export const defaults: Settings = {
  teacher: "DeepNN",
  student: "LightNN",
  methods: ["ab", "kd"],
  options: {},
  epochs: 4,
  engine: "auto",
  images: 2048,
  seed: 42,
};

/** What numbers may be. */
export const bounds = {
  epochs: { whole: true, least: 1, most: 100 },
  images: { whole: true, least: 128, most: 32768 },
  seed: { whole: true, least: 0, most: 4294967295 },
} as const;

/** The numbers of the form, as it names them. */
export const labels = { epochs: "Epochs", images: "Pictures", seed: "Seed" } as const;

/** What cannot be trained with, in words; the form shows it as it was typed or as a link has it. */
export function problemsOf(settings: Settings, methods: readonly MethodEntry[]): readonly string[] {
  const own = (["epochs", "images", "seed"] as const).map((key) => [labels[key], settings[key], bounds[key]] as const);
  const ofMethods = methods
    .filter(({ name }) => settings.methods.includes(name))
    .flatMap(({ name, title, options }) =>
      options.map(
        (option) => [`${title}, ${option.name}`, settings.options[name]?.[option.name], option.bounds] as const,
      ),
    );
  return [...own, ...ofMethods].flatMap(([label, value, allowed]) => {
    const problem = typeof value === "number" ? problemOf(value, allowed) : undefined;
    return problem === undefined ? [] : [`${label} should be ${problem}.`];
  });
}

/** As many students at once. */
export const MOST_METHODS = 6;

/** The part of a link after `?`: what is not the default. `kd.temperature=4` is an option of a method. */
export function toQuery(settings: Settings): string {
  const query = new URLSearchParams();
  for (const key of ["teacher", "student", "epochs", "images", "seed", "engine"] as const) {
    if (settings[key] !== defaults[key] && !Number.isNaN(settings[key])) query.set(key, String(settings[key]));
  }
  if (settings.methods.join() !== defaults.methods.join()) query.set("methods", settings.methods.join(" "));
  for (const method of settings.methods) {
    for (const [option, value] of Object.entries(settings.options[method] ?? {})) {
      if (!Number.isNaN(value)) query.set(`${method}.${option}`, String(value));
    }
  }
  return query.toString();
}

/** The settings that a link holds; what it does not say is the default. Numbers are what the link says: whether they may be is said by `problemsOf`. */
export function fromQuery(text: string): Settings {
  const query = new URLSearchParams(text);
  const number = (key: keyof typeof bounds): number => numberOf(query.get(key) ?? String(defaults[key]));
  const methods = query.has("methods")
    ? [...new Set(query.get("methods")!.split(" "))].filter((name) => name !== "").slice(0, MOST_METHODS)
    : defaults.methods;
  const options: Record<string, Record<string, number | boolean>> = {};
  for (const [key, value] of query) {
    const [method, option] = key.split(".");
    if (method === undefined || option === undefined || !methods.includes(method)) continue;
    const parsed = valueOf(value);
    if (parsed !== undefined) options[method] = { ...options[method], [option]: parsed };
  }
  return {
    teacher: query.get("teacher") ?? defaults.teacher,
    student: query.get("student") ?? defaults.student,
    methods,
    options,
    engine: engineNames.find((name) => name === query.get("engine")) ?? defaults.engine,
    epochs: number("epochs"),
    images: number("images"),
    seed: number("seed"),
  };
}

/** NaN for what is none, an empty text too. */
export function numberOf(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

function valueOf(text: string): OptionValues[string] | undefined {
  if (text === "true" || text === "false") return text === "true";
  const value = numberOf(text);
  return Number.isNaN(value) ? undefined : value;
}
