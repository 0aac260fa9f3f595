import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import type { LimbeckError } from "../../../errors.ts";
import type { Picture } from "../../../images/picture.ts";
import { withChannels } from "../../../images/picture.ts";
import { decodePicture } from "./decode.ts";
import golden from "./decode.golden.json" with { type: "json" };

const files = new Map(golden.cases.map(({ name, file }) => [name, new Uint8Array(Buffer.from(file, "base64"))]));

/** The checksum of the samples, interleaved. */
function digest({ pixels }: Picture): string {
  const plane = pixels.length / 3;
  const samples = pixels.map((_, i) => pixels[(i % 3) * plane + Math.floor(i / 3)]!);
  return createHash("sha256").update(samples).digest("hex").slice(0, 32);
}

/** Noise in some format. */
function picture(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
  return sharp(pixels, { raw: { width, height, channels } });
}

describe("files are decoded to Pillow's very bytes", () => {
  test.each(golden.cases)("$name", async ({ name, size, sha256 }) => {
    const decoded = await decodePicture(name, files.get(name)!, { exif: false });
    expect([decoded.width, decoded.height]).toEqual(size);
    expect(decoded.channels).toBe(/^(grey|bits)/.test(name) ? 1 : 3);
    expect(digest(withChannels(decoded, 3))).toBe(sha256);
  });
});

test("a picture is turned as its EXIF tag says, unless told not to", async () => {
  const stored = await decodePicture("turned", files.get("turned.jpg")!, { exif: false });
  const turned = await decodePicture("turned", files.get("turned.jpg")!);
  expect([turned.width, turned.height]).toEqual([stored.height, stored.width]);
  // Orientation 6: what is stored leftmost is shown on top, so the upper left corner comes to the right.
  expect(turned.pixels[turned.width - 1]).toBe(stored.pixels[0]);
});

test("of 16 bits the higher eight are taken, in colour and in grey", async () => {
  const wide = Uint16Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 1021) % 65536);
  const raw = { raw: { width: 5, height: 4, channels: 3 } } as const;
  const colour = await sharp(wide, raw).toColourspace("rgb16").png().toBuffer();
  const decoded = await decodePicture("colour", colour);
  expect(Array.from({ length: 60 }, (_, i) => decoded.pixels[(i % 3) * 20 + Math.floor(i / 3)])).toEqual(
    Array.from(wide, (value) => value >> 8),
  );
  const grey = await sharp(wide.slice(0, 20), { raw: { width: 5, height: 4, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  const { channels, pixels } = await decodePicture("grey", grey);
  expect([channels, [...pixels]]).toEqual([1, Array.from(wide.slice(0, 20), (value) => value >> 8)]);
});

test("transparent pixels lie on the background that is given; without one, their colours show", async () => {
  const data = Uint8Array.of(200, 100, 0, 0, 200, 100, 0, 255, 200, 100, 0, 128);
  const file = await sharp(data, { raw: { width: 3, height: 1, channels: 4 } })
    .png()
    .toBuffer();
  expect([...(await decodePicture("a", file)).pixels]).toEqual([200, 200, 200, 100, 100, 100, 0, 0, 0]);
  const { pixels } = await decodePicture("a", file, { background: [255, 255, 255] });
  expect([...pixels]).toEqual([255, 200, 227, 255, 100, 177, 255, 0, 127]);
});

test("grey with alpha is one channel, and on a background three", async () => {
  const data = Uint8Array.of(200, 0, 200, 255, 200, 128);
  const file = await sharp(data, { raw: { width: 3, height: 1, channels: 2 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  expect(await decodePicture("a", file)).toEqual({
    channels: 1,
    width: 3,
    height: 1,
    pixels: Uint8Array.of(200, 200, 200),
  });
  const { channels, pixels } = await decodePicture("a", file, { background: [255, 0, 100] });
  expect([channels, [...pixels]]).toEqual([3, [255, 200, 227, 0, 200, 100, 100, 200, 150]]);
});

test("one that takes more memory than it may is refused before it is decoded: copies count, channels, and what has to be held whole", async () => {
  const refused = async (file: Buffer, maxBytes: number): Promise<boolean> =>
    decodePicture("large", file, { maxBytes }).then(
      () => false,
      (error: LimbeckError) => {
        expect(error.code).toBe("DATA_FORMAT");
        expect(error.message).toMatch(/^large should take at most \d+ MiB to be decoded, got 20 x 10 pixels/);
        return true;
      },
    );
  const colour = picture(20, 10);
  const files: readonly (readonly [Buffer, number])[] = [
    [await colour.clone().toColourspace("b-w").png().toBuffer(), 1],
    [await colour.clone().png().toBuffer(), 6],
    [await colour.clone().jpeg().toBuffer(), 6],
    [await colour.clone().png({ progressive: true }).toBuffer(), 9],
    [await picture(20, 10, 4).png().toBuffer(), 7],
    [await colour.clone().toColourspace("cmyk").jpeg().toBuffer(), 7],
  ];
  for (const [file, bytes] of files) {
    expect([await refused(file, 200 * bytes), await refused(file, 200 * bytes - 1)]).toEqual([false, true]);
  }
});

test("AVIF and a palette of grey are decoded too", async () => {
  const { width, height, channels } = await decodePicture("avif", await picture(40, 30).avif().toBuffer());
  expect([width, height, channels]).toEqual([40, 30, 3]);
});

describe("what is no whole picture is refused by a coded error that names it", () => {
  const whole: Record<string, () => Promise<Uint8Array>> = {
    jpeg: () => picture(60, 50).jpeg().toBuffer(),
    progressive: () => picture(60, 50).jpeg({ progressive: true }).toBuffer(),
    png: () => picture(60, 50).png().toBuffer(),
    webp: () => picture(60, 50).webp().toBuffer(),
    lossless: () => picture(60, 50).webp({ lossless: true }).toBuffer(),
    gif: () => picture(60, 50).gif().toBuffer(),
    avif: () => picture(60, 50).avif({ effort: 0 }).toBuffer(),
    tiff: () => picture(60, 50).tiff().toBuffer(),
  };
  test.each(Object.keys(whole))("%s, cut at 50 places", async (format) => {
    const file = await whole[format]!();
    for (let i = 0; i < 50; i++) {
      // NOTE: of a PNG the last twelve bytes only say that it ends, and of a GIF the last one: pictures are whole without.
      const cut = Math.floor(((file.length - 12) * i) / 50);
      await expect(decodePicture("holiday", file.subarray(0, cut))).rejects.toMatchObject({
        name: "LimbeckError",
        code: "DATA_FORMAT",
        message: expect.stringMatching(/^holiday should be a whole picture/),
      });
    }
  });
  test("a text, an SVG, nothing", async () => {
    for (const text of ["hello", '<svg xmlns="http://www.w3.org/2000/svg"/>', ""]) {
      await expect(decodePicture("x", new TextEncoder().encode(text))).rejects.toMatchObject({ code: "DATA_FORMAT" });
    }
  });
  test("more pixels than allowed: a small file that would fill the memory", async () => {
    const bomb = await picture(9, 9).png().toBuffer();
    bomb.writeUInt32BE(16000, 16);
    bomb.writeUInt32BE(16000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const before = process.memoryUsage().rss;
    await expect(decodePicture("bomb", bomb)).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringContaining("at most 89478485 pixels, got 16000 x 16000"),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
    await expect(decodePicture("small", await picture(11, 10).png().toBuffer(), { maxPixels: 109 })).rejects.toThrow(
      "at most 109 pixels",
    );
  });
  test("a side that no camera gives, which a decoder takes gigabytes for", async () => {
    const strip = await picture(9, 1).png().toBuffer();
    strip.writeUInt32BE(8_000_000, 16);
    strip.writeUInt32BE(crc32(strip.subarray(12, 29)), 29);
    await expect(decodePicture("strip", strip)).rejects.toMatchObject({
      code: "DATA_FORMAT",
      message: expect.stringContaining("sides of at most 65535 pixels, got 8000000 x 1"),
    });
  });
});
