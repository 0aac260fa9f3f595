/** @file Writes the page's Content-Security-Policy into it when it is built: its own files, nothing inline, no other hosts. */
import type { Plugin } from "vite";

/** NOTE: workers are governed by what they are served with; browsers that hand them the page's policy need WebAssembly in it. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Of the built page alone: what serves it to developers has scripts and styles inline. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: "limbeck:content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: policy },
        injectTo: "head-prepend",
      },
    ],
  };
}
