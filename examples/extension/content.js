/** @file The content script: a picture that you point at gets a tooltip that says what it shows. */
document.addEventListener("pointerover", async ({ target }) => {
  if (!(target instanceof HTMLImageElement) || target.dataset.asked === target.currentSrc) return;
  target.dataset.asked = target.currentSrc;
  const { classes, error } = await chrome.runtime.sendMessage(target.currentSrc);
  target.title =
    error ?? classes.map(({ name, probability }) => `${name}, ${(100 * probability).toFixed(1)} %`).join("\n");
});
