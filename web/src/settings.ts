/** @file The settings of a lesson, and how a link holds them. */
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
  epochs: { least: 1, most: 100 },
  images: { least: 128, most: 32768 },
  seed: { least: 0, most: 4294967295 },
} as const;

/** As many students at once. */
export const MOST_METHODS = 6;

/** The part of a link after `?`: what is not the default. `kd.temperature=4` is an option of a method. */
export function toQuery(settings: Settings): string {
  const query = new URLSearchParams();
  for (const key of ["teacher", "student", "epochs", "images", "seed", "engine"] as const) {
    if (settings[key] !== defaults[key]) query.set(key, String(settings[key]));
  }
  if (settings.methods.join() !== defaults.methods.join()) query.set("methods", settings.methods.join(" "));
  for (const method of settings.methods) {
    for (const [option, value] of Object.entries(settings.options[method] ?? {})) {
      query.set(`${method}.${option}`, String(value));
    }
  }
  return query.toString();
}

/** The settings that a link holds; what it does not say, or says wrongly, is the default. */
export function fromQuery(text: string): Settings {
  const query = new URLSearchParams(text);
  const number = (key: keyof typeof bounds): number => {
    const value = Number(query.get(key) ?? Number.NaN);
    const { least, most } = bounds[key];
    return Number.isInteger(value) && value >= least && value <= most ? value : defaults[key];
  };
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

function valueOf(text: string): OptionValues[string] | undefined {
  if (text === "true" || text === "false") return text === "true";
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? value : undefined;
}
