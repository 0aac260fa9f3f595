/** @file The page: posts the picture to `classify`, as it would to a server. The service worker answers. */
const choice = document.querySelector("input");
const list = document.querySelector("ol");

await navigator.serviceWorker.register("service-worker.js", { type: "module" });
// The first time, until the worker has kept its files and taken over the page.
if (!navigator.serviceWorker.controller)
  await new Promise((taken) => navigator.serviceWorker.addEventListener("controllerchange", taken, { once: true }));
choice.disabled = false;

choice.addEventListener("change", async () => {
  const response = await fetch("classify", { method: "POST", body: choice.files[0] });
  const { classes = [], error } = await response.json();
  if (error) return list.replaceChildren(error);
  list.replaceChildren(
    ...classes.slice(0, 3).map(({ name, probability }) => {
      const item = document.createElement("li");
      item.textContent = `${name}, ${(100 * probability).toFixed(1)} %`;
      item.dataset.probability = probability;
      return item;
    }),
  );
});
