/** @file Requests to the hub: with the token, and with errors that say what to do where the hub refuses. */
import { setTimeout as sleep } from "node:timers/promises";
import { LimbeckError } from "../../../errors.ts";
import type { Fetch } from "../../../platform-types.ts";
import { endpoint, token } from "./environment.ts";

/** What is asked for, for messages. */
export interface HubSource {
  /** `hf:OWNER/NAME` */
  readonly name: string;
  readonly revision: string;
  /** A page that people can look at. */
  readonly page: string;
}

/** The hub wants fewer requests. */
class TooMany extends LimbeckError {
  readonly seconds: number;

  constructor(seconds: number, message: string) {
    super("DOWNLOAD", message);
    this.seconds = seconds;
  }
}

/** How often a request is repeated after the hub wanted fewer, and how long it is waited for at most. */
const MOST_TRIES = 5;
const MOST_SECONDS = 300;

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  onNote(text: string): void;
}

/** Does the work again after as long as the hub says, if it wants fewer requests. Throws as the work; ABORTED when the signal is raised. */
export async function patiently<Result>({ signal, onNote }: WaitOptions, work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TooMany) || tries === MOST_TRIES || error.seconds > MOST_SECONDS) throw error;
      onNote(`the hub takes no more requests for ${error.seconds} s; waiting`);
      await sleep(error.seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
      if (signal?.aborted) throw new LimbeckError("ABORTED", "stopped while the hub took no more requests");
    }
  }
}

/**
 * A `fetch` of the hub. The token goes to the hub only: `fetch` leaves it out when it is led to another host. Throws DATA_MISSING for what the hub does not
 * have, DOWNLOAD for what it does not give.
 */
export async function hubFetch(source: HubSource): Promise<Fetch> {
  const secret = await token();
  const { origin } = new URL(endpoint());
  return async (url, options) => {
    const isHub = new URL(url).origin === origin;
    const headers = { ...options.headers, ...(secret !== undefined && isHub && { authorization: `Bearer ${secret}` }) };
    const response = await fetch(url, { ...options, headers });
    if (response.ok || response.status === 416) return response;
    await response.body?.cancel();
    throw refusal(source, response, secret !== undefined);
  };
}

/** What the hub's answer means. NOTE: it answers 401, not 404, for a name that it does not show to everybody. */
function refusal(
  { name, revision, page }: HubSource,
  { status, statusText, headers }: Response,
  hasToken: boolean,
): LimbeckError {
  const reason = headers.get("x-error-code");
  if (status === 429) {
    const seconds = Number(headers.get("retry-after") ?? /\bt=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1]);
    const wait = Number.isFinite(seconds) ? Math.max(1, seconds) : 30;
    const advice = hasToken ? "" : ", or set HF_TOKEN: the hub takes more requests from accounts";
    return new TooMany(wait, `${name}: the hub takes no more requests for now; try again in ${wait} s${advice}`);
  }
  if (reason === "GatedRepo" || (status === 403 && reason === null)) {
    return new LimbeckError(
      "DOWNLOAD",
      `${name} is gated: the hub gives it to accounts that agreed to its terms; agree to them at ${page}, and ` +
        `${hasToken ? "let HF_TOKEN be a token of that account, which may read gated repositories" : "set HF_TOKEN to a token of that account"}`,
    );
  }
  if (reason === "RevisionNotFound")
    return new LimbeckError("DATA_MISSING", `${name} has no revision ${revision}; ${page} lists its branches and tags`);
  if (reason === "EntryNotFound")
    return new LimbeckError("DATA_MISSING", `${name} no longer has a file that it lists; try again`);
  if (status === 401 && hasToken && reason === null)
    return new LimbeckError(
      "DOWNLOAD",
      `${name}: the hub does not know the token; set HF_TOKEN to another, or unset it`,
    );
  if (status === 401 || status === 404) {
    const access = hasToken ? "a token that may read it" : "a token if it is private";
    return new LimbeckError(
      "DATA_MISSING",
      `${name} is not on the hub, ${endpoint()}; check its name, or set HF_TOKEN to ${access}`,
    );
  }
  return new LimbeckError("DOWNLOAD", `${name}: the hub answered ${`${status} ${statusText}`.trim()}; try again later`);
}
