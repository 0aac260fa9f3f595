// Runs before the page's modules: where they cannot, the page says why instead of "Loading …" for ever.
{
  const COMMAND = "npx http-server";

  const stop = (...words) => {
    // Once pictures are taken, the page itself says what is wrong.
    if (!document.getElementById("file").disabled) return;
    const about = document.getElementById("about");
    about.replaceChildren(...words);
    about.className = "error";
    document.getElementById("drop").hidden = true;
  };

  /** Files that a server has not; some browsers do not tell. */
  const missing = () =>
    performance
      .getEntriesByType("resource")
      .filter(({ responseStatus }) => responseStatus >= 400)
      .map(({ name }) => name.split("/").pop())
      .join(", ");

  const unloaded = () =>
    stop(`This page cannot start: ${missing() || "one of its scripts"} cannot be loaded. Take the whole folder again.`);

  const thrown = (message, address) => {
    const file = address?.split("/").pop() || "a script";
    stop(`This page cannot start: ${file} is damaged (${message}). Take the whole folder again.`);
  };

  if (location.protocol === "file:") {
    addEventListener("DOMContentLoaded", () => {
      const command = document.createElement("code");
      command.textContent = COMMAND;
      stop(
        "This page needs a web server, because browsers load no model from a file. Run ",
        command,
        " in its folder, and open the address that it prints.",
      );
    });
  } else {
    // Errors of elements do not bubble.
    addEventListener(
      "error",
      ({ target, message, filename }) => {
        if (target === window) thrown(message, filename);
        else if (target instanceof HTMLScriptElement) unloaded();
      },
      true,
    );
    addEventListener("unhandledrejection", ({ reason }) => thrown(reason?.message ?? reason));
    // By then view.js has changed the text.
    addEventListener("load", () => {
      if (document.getElementById("about").textContent === "Loading …") unloaded();
    });
  }
}
