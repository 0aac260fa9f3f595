/** @file Pictures decoded by a real browser, beside what Node makes of the same files. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as Web from "../../src/images/decode-web.ts";
import { withChannels } from "../../src/images/picture.ts";
import { decodePicture } from "../../src/entries/node.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";

declare const decoding: typeof Web;

const golden = JSON.parse(
  await readFile(new URL("../../src/data/node/images/decode.golden.json", import.meta.url), "utf8"),
) as { readonly cases: readonly { readonly name: string; readonly file: string }[] };
const files = new Map(golden.cases.map(({ name, file }) => [name, new Uint8Array(Buffer.from(file, "base64"))]));

const reason = browserPath ? "" : " (skipped: no Chromium found, set CHROME_PATH)";

describe.skipIf(!browserPath)(`pictures in a browser${reason}`, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    await page.addScriptTag({ content: await bundled() });
  });
  afterAll(() => browser?.close());

  /** The picture, or the error's code and message. */
  function inPage(name: string, bytes: Uint8Array, options: Web.WebDecodeOptions = {}) {
    return page.evaluate(
      async ([name, values, options]) => {
        try {
          const { channels, height, width, pixels } = await decoding.decodePictureWeb(
            name,
            Uint8Array.from(values),
            options,
          );
          return { channels, height, width, pixels: [...pixels] };
        } catch (error) {
          const { code, message } = error as { readonly code?: string; readonly message: string };
          return { code, message };
        }
      },
      [name, [...bytes], options] as const,
    );
  }

  test.each(["colour.png", "grey.png", "bits.png", "palette.png", "colour.gif", "animated.gif", "one.png"])(
    "%s has the bytes that Node gives",
    async (name) => {
      const { pixels, ...size } = withChannels(await decodePicture(name, files.get(name)!), 3);
      expect(await inPage(name, files.get(name)!)).toEqual({ ...size, pixels: [...pixels] });
    },
  );

  test.each(["colour.jpg", "halved.jpg", "progressive.jpg", "grey.jpg", "turned.jpg", "colour.webp"])(
    "%s has them within 2, as its decoder rounds",
    async (name) => {
      const { pixels, ...size } = withChannels(await decodePicture(name, files.get(name)!), 3);
      const seen = await inPage(name, files.get(name)!);
      expect(seen).toMatchObject(size);
      const far = Math.max(...seen.pixels!.map((value, i) => Math.abs(value - pixels[i]!)));
      expect(far).toBeLessThanOrEqual(2);
    },
  );

  test("what is no picture, and one of too many pixels, end in a coded error", async () => {
    const cut = (
      await sharp({ create: { width: 90, height: 90, channels: 3, background: "red" } })
        .webp()
        .toBuffer()
    ).subarray(0, 30);
    for (const bytes of [new TextEncoder().encode("hello"), new Uint8Array(), cut]) {
      expect(await inPage("holiday", bytes)).toMatchObject({
        code: "DATA_FORMAT",
        message: expect.stringMatching(/^holiday should/),
      });
    }
    expect(await inPage("large", files.get("colour.png")!, { maxPixels: 100 })).toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringContaining("at most 100 pixels, got 19 x 14; make it smaller"),
    });
  });
});

test("outside a browser there is no canvas, and the error says so", async () => {
  const { decodePictureWeb } = await import("../../src/images/decode-web.ts");
  await expect(decodePictureWeb("x", new Uint8Array())).rejects.toMatchObject({ code: "UNSUPPORTED" });
});

/** The decoder as a script that sets `decoding`. */
async function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL("../../src/images/decode-web.ts", import.meta.url));
  const lib = { entry, formats: ["iife" as const], name: "decoding" };
  const built = await build({ configFile: false, logLevel: "silent", build: { write: false, minify: false, lib } });
  const [{ output }] = built as unknown as [{ readonly output: readonly [{ readonly code: string }] }];
  return output[0].code;
}
