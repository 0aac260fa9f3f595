/** @file A field for a number, which says what it may be when it is not that. */
import type { Bounds } from "limbeck/methods";
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { problemOf } from "./bounds.ts";
import { numberOf } from "./settings.ts";

interface NumberFieldProps {
  readonly label: string;
  readonly hint?: string;
  /** NaN for an empty field. */
  readonly value: number;
  readonly bounds: Bounds;
  readonly change: (value: number) => void;
}

export function NumberField({ label, hint, value, bounds, change }: NumberFieldProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const id = useId();
  const problem = problemOf(value, bounds);
  // `1.` and `1.0` stay as they are typed, because they are the same number.
  const text = Object.is(numberOf(typed), value) ? typed : String(value);
  return (
    <div class="field" title={hint}>
      <label class="quiet" for={id}>
        {label}
      </label>
      <input
        id={id}
        type="number"
        value={text}
        min={bounds.least ?? bounds.above}
        max={bounds.most ?? bounds.below}
        step={bounds.whole ? 1 : "any"}
        aria-invalid={problem !== undefined}
        aria-describedby={problem && `${id}-problem`}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          change(numberOf(currentTarget.value));
        }}
      />
      {problem && (
        <small id={`${id}-problem`} class="problem">
          Should be {problem}.
        </small>
      )}
    </div>
  );
}
