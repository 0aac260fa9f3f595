/** @file The script of the live page: it fetches the page again, shows what has changed, and sends what is pressed. */
import type uPlot from "uplot";
import type { drawCurves as DrawCurves, CurveData, DrawnCurves } from "../../report/index.ts";

/**
 * Every two seconds, while the page is looked at, the page is fetched anew; the server answers in a few bytes where it is the same.
 *
 * NOTE: the page gets this function as its own source text, so it may use nothing of this module but its arguments.
 */
export function livePage(drawCurves: typeof DrawCurves, Plot: typeof uPlot): void {
  const seconds = 2;
  const status = document.getElementById("status")!;
  /** As they were served, by their ids: scripts and readers change what is in the page. */
  const served = new Map<string, string>();
  let drawn: DrawnCurves | undefined;
  let etag = "";

  const say = (text: string): void => {
    status.textContent = text;
    status.hidden = text === "";
  };
  const curvesIn = (from: Document): string => from.getElementById("curves")?.textContent ?? "";
  const draw = (): void => {
    drawn?.remove();
    const text = curvesIn(document);
    drawn = text === "" ? undefined : drawCurves(JSON.parse(text) as CurveData, Plot);
  };
  /** What a style attribute would say, which the policy forbids. */
  const dress = (part: ParentNode): void => {
    for (const element of part.querySelectorAll<HTMLElement>("[data-style]"))
      element.style.cssText = element.dataset["style"] ?? "";
  };
  /** With the boxes that are ticked, the folds that are open, and the focus, as they were. */
  const replace = (part: Element, fresh: Element): void => {
    const ticked = new Set([...part.querySelectorAll<HTMLInputElement>("input:checked")].map(({ value }) => value));
    const open = [...part.querySelectorAll("details")].map((fold) => fold.open);
    const focusable = "a, button, input, summary, [tabindex]";
    const focused = [...part.querySelectorAll(focusable)].indexOf(document.activeElement!);
    part.replaceChildren(...fresh.childNodes);
    dress(part);
    for (const box of part.querySelectorAll<HTMLInputElement>("input[type=checkbox]"))
      box.checked = ticked.has(box.value);
    for (const [i, fold] of part.querySelectorAll("details").entries()) fold.open = open[i] ?? fold.open;
    if (focused >= 0) part.querySelectorAll<HTMLElement>(focusable)[focused]?.focus();
  };
  /** Where the plots stay the same, they get more points; their tables follow. */
  const updateCurves = (next: Document): void => {
    const [text, before] = [curvesIn(next), served.get("curves") ?? ""];
    if (text === before) return;
    served.set("curves", text);
    const training = document.getElementById("training");
    const fresh = next.getElementById("training");
    if (!training || !fresh) return;
    if (text !== "" && drawn?.update(JSON.parse(text) as CurveData)) {
      const tables = [...fresh.querySelectorAll("details > .scroll")];
      for (const [i, table] of training.querySelectorAll("details > .scroll").entries())
        if (tables[i]) table.replaceChildren(...tables[i].childNodes);
      return;
    }
    replace(training, fresh);
    draw();
  };
  const show = (next: Document): void => {
    document.title = next.title;
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = next.getElementById(part.id);
      if (!fresh || fresh.innerHTML === served.get(part.id)) continue;
      served.set(part.id, fresh.innerHTML);
      replace(part, fresh);
    }
    updateCurves(next);
  };

  let isFetching = false;
  let hasFailed = false;
  const refresh = async (): Promise<void> => {
    if (isFetching) return;
    isFetching = true;
    try {
      const response = await fetch(location.href, { headers: { "If-None-Match": etag }, cache: "no-store" });
      if (hasFailed) say("");
      hasFailed = false;
      if (response.status === 304) return;
      if (!response.ok) throw new Error(`The page is not there any more (${response.status}).`);
      etag = response.headers.get("ETag") ?? "";
      show(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch (error) {
      hasFailed = true;
      const isGone = error instanceof TypeError;
      say(
        isGone
          ? "limbeck ui does not answer. Was it ended? Start it again, and open the address that it prints."
          : (error as Error).message,
      );
    } finally {
      isFetching = false;
    }
  };

  /** A form's fields, sent as JSON; its output shows what came of it. */
  const send = async (form: HTMLFormElement, pressed: HTMLButtonElement | null): Promise<void> => {
    const action = pressed?.value || form.dataset["action"]!;
    const output = form.querySelector("output");
    const tell = (text: string): void => void (output ? (output.textContent = text) : say(text));
    const buttons = [...form.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    if (output) tell("…");
    try {
      const body = JSON.stringify(Object.fromEntries(new FormData(form)));
      const response = await fetch(action, { method: "POST", body, headers: { "Content-Type": "application/json" } });
      const answer = (await response.json()) as {
        readonly text?: string;
        readonly error?: { readonly message: string };
      };
      tell(answer.error?.message ?? answer.text ?? "");
    } catch {
      tell("limbeck ui does not answer.");
    } finally {
      for (const button of buttons) button.disabled = false;
    }
    await refresh();
  };

  for (const part of document.querySelectorAll("[data-live]")) served.set(part.id, part.innerHTML);
  served.set("curves", curvesIn(document));
  dress(document);
  draw();
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset["action"] === undefined) return;
    event.preventDefault();
    void send(form, event.submitter as HTMLButtonElement | null);
  });
  document.addEventListener("visibilitychange", () => void (document.hidden || refresh()));
  setInterval(() => void (document.hidden || refresh()), seconds * 1000);
}
