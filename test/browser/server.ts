/** @file Serves a folder to a browser on this machine, as a page that may share memory or as one that may not. */
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { listening, type Server } from "./listening.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * With `isolated`, the headers that make a page cross-origin isolated; with a `policy`, that as its Content-Security-Policy. Other
 * origins may read the files either way.
 */
export async function serve(
  folder: string,
  { isolated, policy }: { readonly isolated: boolean; readonly policy?: string },
): Promise<Server> {
  const headers = {
    ...(policy !== undefined && { "Content-Security-Policy": policy }),
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    ...(isolated && { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }),
  };
  return listening(async ({ url }, response) => {
    const path = normalize(new URL(url!, "http://localhost").pathname);
    const file = join(folder, path === "/" ? "index.html" : path);
    try {
      const content = await readFile(file);
      response.writeHead(200, { ...headers, "Content-Type": types[extname(file)] ?? "application/octet-stream" });
      response.end(content);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
}
