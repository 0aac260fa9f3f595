/** @file What is to be taught, by whom and how. */
import type { JSX } from "preact";
import { catalogue, type MethodEntry, type OptionEntry } from "virtual:catalogue";
import { engineNames, type OptionValues, type Settings } from "./messages.ts";
import { NumberField } from "./number-field.tsx";
import { bounds, labels, MOST_METHODS } from "./settings.ts";

interface FormProps {
  readonly settings: Settings;
  readonly isDisabled: boolean;
  readonly change: (settings: Settings) => void;
}

/** Shown first, because they are known best. */
const FIRST = new Set(["kd", "dist", "ab", "fitnet", "at", "srrl"]);

export function Form({ settings, isDisabled, change }: FormProps): JSX.Element {
  const { teacher, student, methods } = settings;
  const known = catalogue.methods;
  const isFirst = ({ name }: MethodEntry): boolean => FIRST.has(name) || methods.includes(name);
  const toggle = (name: string): void =>
    change({
      ...settings,
      methods: methods.includes(name) ? methods.filter((each) => each !== name) : [...methods, name],
    });
  const choice = (method: MethodEntry): JSX.Element => (
    <label key={method.name} class="choice" title={method.summary}>
      <input
        type="checkbox"
        checked={methods.includes(method.name)}
        disabled={!methods.includes(method.name) && methods.length >= MOST_METHODS}
        onChange={() => toggle(method.name)}
      />
      <span>{method.title}</span>
    </label>
  );
  return (
    <fieldset class="form" disabled={isDisabled}>
      <legend class="unseen">Settings</legend>
      <div class="fields">
        <ModelField label="Teacher" value={teacher} change={(teacher) => change({ ...settings, teacher })} />
        <ModelField label="Student" value={student} change={(student) => change({ ...settings, student })} />
        {(["epochs", "images", "seed"] as const).map((key) => (
          <NumberField
            key={key}
            label={labels[key]}
            value={settings[key]}
            bounds={bounds[key]}
            change={(value) => change({ ...settings, [key]: value })}
          />
        ))}
        <label class="field">
          <span>Computed by</span>
          <select
            value={settings.engine}
            onChange={({ currentTarget: { value } }) =>
              change({ ...settings, engine: engineNames.find((name) => name === value) ?? settings.engine })
            }
          >
            <option value="auto">the faster</option>
            <option value="wasm">processors</option>
            <option value="webgpu">graphics card</option>
          </select>
        </label>
      </div>
      <fieldset class="methods">
        <legend>Taught by</legend>
        {known.filter(isFirst).map(choice)}
        <details>
          <summary>All {known.length} methods</summary>
          {known.filter((method) => !isFirst(method)).map(choice)}
        </details>
      </fieldset>
      <details>
        <summary>Temperature and weights</summary>
        {known
          .filter(({ name }) => methods.includes(name))
          .map((method) => (
            <Options
              key={method.name}
              method={method}
              values={settings.options[method.name] ?? {}}
              change={(values) => change({ ...settings, options: { ...settings.options, [method.name]: values } })}
            />
          ))}
      </details>
    </fieldset>
  );
}

interface ModelFieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

function ModelField({ label, value, change }: ModelFieldProps): JSX.Element {
  const { models } = catalogue;
  const summary = models.find(({ name }) => name === value)?.summary;
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} title={summary} onChange={({ currentTarget }) => change(currentTarget.value)}>
        {models.map(({ name, summary }) => (
          <option key={name} value={name} title={summary}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface OptionsProps {
  readonly method: MethodEntry;
  readonly values: OptionValues;
  readonly change: (values: OptionValues) => void;
}

function Options({ method: { title, summary, options }, values, change }: OptionsProps): JSX.Element {
  const set = ({ name, default: standard }: OptionEntry, value: number | boolean): void => {
    const { [name]: _, ...others } = values;
    change(value === standard ? others : { ...others, [name]: value });
  };
  return (
    <fieldset class="options">
      <legend>{title}</legend>
      <p class="quiet">{summary}</p>
      <div class="fields">
        {options.map((option) => {
          const { name, description, bounds } = option;
          const value = values[name] ?? option.default;
          return typeof value === "number" ? (
            <NumberField
              key={name}
              label={inWords(name)}
              hint={description}
              value={value}
              bounds={bounds}
              change={(value) => set(option, value)}
            />
          ) : (
            <label key={name} class="field flag" title={description}>
              <input type="checkbox" checked={value} onChange={() => set(option, !value)} />
              <span>{inWords(name)}</span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** `kdWeight` as `kd weight`. */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
