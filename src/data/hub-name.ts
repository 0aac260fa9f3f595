/** @file Names of repositories of the Hugging Face hub, as settings have them: `hf:OWNER/NAME@revision:part`. */
import { LimbeckError } from "../errors.ts";

/** A name, taken apart. */
export interface HubName {
  /** `OWNER/NAME`, or `NAME` of the oldest ones. */
  readonly repository: string;
  /** A branch, a tag or a commit; the hub's `main` if there is none. */
  readonly revision?: string | undefined;
  /** A file of a model's repository, or a subset of a data set. */
  readonly part?: string | undefined;
}

/** Whether a text names a repository of the hub, and no path. */
export function isHubName(text: string): boolean {
  return text.startsWith("hf:");
}

/** Takes it apart. Throws ARGUMENT for a name that no repository can have. */
export function parseHubName(text: string): HubName {
  const [, repository, revision, part] =
    /^hf:((?:\w[\w.-]*\/)?\w[\w.-]*)(?:@([^:@\s]+))?(?::([^:\s]+))?$/.exec(text) ?? [];
  const isName = repository !== undefined && !/\.\.|--/.test(repository) && !(revision ?? "").includes("..");
  if (isName) return { repository, revision, part };
  throw new LimbeckError(
    "ARGUMENT",
    `${JSON.stringify(text.slice(0, 200))} should name a repository of the hub: hf:OWNER/NAME, hf:OWNER/NAME@revision or hf:OWNER/NAME:part`,
  );
}
