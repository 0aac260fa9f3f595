/** @file A visitor's own pictures: a row for each class, files chosen or dropped into it. */
import type { JSX } from "preact";
import { FileButton } from "./file-button.tsx";
import type { LeftOut, OwnClass } from "./messages.ts";

interface OwnPicturesProps {
  readonly own: readonly OwnClass[];
  readonly isDisabled: boolean;
  readonly change: (own: readonly OwnClass[]) => void;
}

const MOST_CLASSES = 20;

export function OwnPictures({ own, isDisabled, change }: OwnPicturesProps): JSX.Element {
  const set = (i: number, changed: Partial<OwnClass>): void =>
    change(own.map((each, k) => (k === i ? { ...each, ...changed } : each)));
  const add = (): void => change([...own, { name: `class ${own.length + 1}`, pictures: [] }]);
  return (
    <details
      class="own"
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && own.length === 0) change([1, 2].map((i) => ({ name: `class ${i}`, pictures: [] })));
      }}
    >
      <summary>Your own pictures instead of shapes</summary>
      <p class="quiet">
        Twenty of each class or more, and twenty epochs or more: few pictures teach little. Every fifth is held out to
        test on. They stay on this device, and are not part of a link.
      </p>
      <fieldset disabled={isDisabled}>
        <legend class="unseen">Classes</legend>
        {own.map(({ name, pictures }, i) => (
          <div
            key={i}
            class="class"
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              if (!isDisabled) set(i, { pictures: [...pictures, ...(event.dataTransfer?.files ?? [])] });
            }}
          >
            <input
              type="text"
              aria-label={`Name of class ${i + 1}`}
              value={name}
              onInput={({ currentTarget }) => set(i, { name: currentTarget.value })}
            />
            <FileButton accept="image/*" multiple take={(files) => set(i, { pictures: [...pictures, ...files] })}>
              Add pictures<span class="unseen"> of {name}</span>
            </FileButton>
            <span class="quiet">{pictures.length === 1 ? "1 picture" : `${pictures.length} pictures`}</span>
          </div>
        ))}
        <button type="button" onClick={add} disabled={own.length >= MOST_CLASSES}>
          Add a class
        </button>{" "}
        <button type="button" onClick={() => change([])} disabled={own.length === 0}>
          Back to shapes
        </button>
      </fieldset>
    </details>
  );
}

/** Files that are listed. */
const MOST_LISTED = 5;

/** Which files the training goes without, and why. */
export function LeftOutList({ files }: { readonly files: readonly LeftOut[] }): JSX.Element | null {
  if (files.length === 0) return null;
  return (
    <div class="left-out" role="alert">
      <p>{files.length === 1 ? "One file is left out:" : `${files.length} files are left out:`}</p>
      <ul>
        {files.slice(0, MOST_LISTED).map(({ name, why }, i) => (
          <li key={i}>
            {name}: {why}
          </li>
        ))}
        {files.length > MOST_LISTED && <li>and {files.length - MOST_LISTED} more</li>}
      </ul>
    </div>
  );
}

/** Those that are used: classes with pictures, named. */
export function usedClasses(own: readonly OwnClass[]): readonly OwnClass[] {
  const named = own.map((each, i) => ({ ...each, name: each.name.trim() || `class ${i + 1}` }));
  return named.filter(({ pictures }) => pictures.length > 0);
}
