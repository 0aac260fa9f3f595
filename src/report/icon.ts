/** @file The logo, docs/logo.svg, as the icon of pages that are one file. */
const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Limbeck</title><path fill="#c2622c" d="M6.5 6.5a5 5 0 0 1 9.6-1.8L29.4 16a2 2 0 0 1-2.6 3L15 10.5v3.2a8.5 8.5 0 1 1-7 0zM28 21.5q2.7 3.8 2.7 5.5a2.7 2.7 0 0 1-5.4 0q0-1.7 2.7-5.5z"/><path fill="#ffd9a8" d="M5.4 20.2q3-1.5 6.1 0t6.1 0a6.1 6.1 0 1 1-12.2 0z"/></svg>';

/** A `data:` address for `<link rel="icon">`. */
export const icon: string = `data:image/svg+xml,${encodeURIComponent(logo)}`;
