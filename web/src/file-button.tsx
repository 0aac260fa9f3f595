/** @file A button that files are chosen by. */
import type { ComponentChildren, JSX } from "preact";

interface FileButtonProps {
  /** As `<input type="file">` has it. */
  readonly accept: string;
  readonly multiple?: boolean;
  readonly take: (files: readonly File[]) => void;
  readonly children: ComponentChildren;
}

export function FileButton({ accept, multiple = false, take, children }: FileButtonProps): JSX.Element {
  return (
    <label class="button">
      <input
        type="file"
        class="unseen"
        accept={accept}
        multiple={multiple}
        onChange={({ currentTarget }) => {
          take([...(currentTarget.files ?? [])]);
          // So that the same file can be chosen again.
          currentTarget.value = "";
        }}
      />
      {children}
    </label>
  );
}
