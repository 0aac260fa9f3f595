/** @file What a reader can do on the page: copy the command, find a class, see that a table goes on to the right. */

/**
 * Without a script the page says the same: what needs one is hidden until this shows it.
 *
 * NOTE: the page gets this function as its own source text, so it may use nothing of this module.
 */
export function bindPage(): void {
  const byId = (id: string): HTMLElement | null => document.getElementById(id);

  const [button, command, copied] = [byId("copy"), byId("command"), byId("copied")];
  if (button && command && copied) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const done = (): void => void (copied.textContent = "Copied.");
      const select = (): void => {
        getSelection()?.selectAllChildren(command);
        copied.textContent = "Selected: copy it with Ctrl+C or ⌘C.";
      };
      // Missing on pages without a secure origin; refused where the reader does not allow it.
      if (navigator.clipboard === undefined) select();
      else navigator.clipboard.writeText(command.textContent ?? "").then(done, select);
    });
  }

  const search = document.querySelector<HTMLInputElement>("#class-search");
  const rows = [...document.querySelectorAll<HTMLTableRowElement>("#class-table tbody tr")];
  if (search) {
    search.parentElement!.hidden = false;
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLocaleLowerCase();
      let found = 0;
      for (const row of rows) {
        row.hidden = !(row.cells[0]?.textContent ?? "").toLocaleLowerCase().includes(wanted);
        if (!row.hidden) found++;
      }
      byId("class-found")!.textContent = wanted === "" ? "" : `${found} of ${rows.length} classes`;
    });
  }

  for (const region of document.querySelectorAll<HTMLElement>(".scroll")) {
    const hint = document.createElement("p");
    hint.className = "hint quiet";
    hint.textContent = "Scroll sideways for more →";
    region.before(hint);
    const show = (): void => void (hint.hidden = region.scrollWidth <= region.clientWidth + 1);
    new ResizeObserver(show).observe(region);
    show();
  }
}
