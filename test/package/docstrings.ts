/** @file What an editor shows of the published functions, asked of TypeScript's language server: a suite for packed.test.ts. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { repository, type Installed } from "./install.ts";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly contents?: { readonly value: string } } | null;
}

/** TypeScript's language server in a folder; `ask` gives the result of a request. */
function languageServer(folder: string) {
  const server = spawn(join(repository, "node_modules/.bin/tsc"), ["--lsp", "--stdio"], { cwd: folder });
  onTestFinished(() => void server.kill());
  const waiting = new Map<number, (result: Message["result"]) => void>();
  let received = Buffer.alloc(0);
  server.stdout.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n\r\n/.exec(received.toString("latin1"));
      const end = header ? header[0].length + Number(header[1]) : Infinity;
      if (!header || received.length < end) return;
      const { id, method, result } = JSON.parse(received.toString("utf8", header[0].length, end)) as Message;
      received = received.subarray(end);
      if (id === undefined) continue;
      if (method === undefined) waiting.get(id)?.(result);
      else send({ id, result: null });
    }
  });
  const send = (message: object): void => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const notify = (method: string, params: object): void => send({ method, params });
  const ask = (method: string, params: object): Promise<Message["result"]> =>
    new Promise((resolve) => {
      waiting.set(waiting.size, resolve);
      send({ id: waiting.size - 1, method, params });
    });
  return { ask, notify };
}

/** The functions that an entry publishes, by the compiled package. */
async function functionsOf(installed: Installed, entry: string): Promise<string[]> {
  const program = `const all = await import("${entry}"); console.log(JSON.stringify(Object.keys(all).filter((name) => typeof all[name] === "function" && !/^class/.test(all[name]))))`;
  return JSON.parse(await installed.run(process.execPath, ["--input-type=module", "--eval", program])) as string[];
}

export function docstringsOfEntries(installed: () => Installed): void {
  describe("editors show the documentation of every published function", () => {
    const entries = ["", "/infer", "/tensor", "/nn", "/methods", "/training", "/report", "/ship", "/node"];
    test.each(entries)("limbeck%s", async (name) => {
      const entry = `limbeck${name}`;
      const names = await functionsOf(installed(), entry);
      expect(names.length).toBeGreaterThan(0);
      const folder = join(installed().folder, "editor");
      await mkdir(folder, { recursive: true });
      const file = join(folder, `${entry.replace("/", "-")}.ts`);
      const text = names.map((published) => `export { ${published} } from "${entry}";`).join("\n");
      await writeFile(file, text);
      const compilerOptions = { module: "nodenext", strict: true, types: [] };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      const { ask, notify } = languageServer(folder);
      const uri = pathToFileURL(file).href;
      const capabilities = { textDocument: { hover: { contentFormat: ["markdown"] } } };
      await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities });
      notify("initialized", {});
      const document = { uri, languageId: "typescript", version: 1, text: await readFile(file, "utf8") };
      notify("textDocument/didOpen", { textDocument: document });
      const without: string[] = [];
      for (const [line, published] of names.entries()) {
        const position = { line, character: "export { ".length };
        const shown = (await ask("textDocument/hover", { textDocument: { uri }, position }))?.contents?.value;
        const [, declaration, ...documentation] = shown?.split("```") ?? [];
        if (!declaration?.includes(published) || documentation.join("").trim() === "") without.push(published);
      }
      expect(without).toEqual([]);
    });
  });
}
