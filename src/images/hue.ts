/** @file A picture's hues turned, byte for byte as torchvision's `adjust_hue` does it on Pillow's pictures. */
import type { PictureChange } from "./colours.ts";

/**
 * Turns every hue by so much of the circle, from -0.5 to 0.5. Hue, saturation and value are bytes in between, as Pillow has
 * them, so colours change a little even at 0. Grey pictures stay as they are.
 */
export const turnHue: PictureChange = (picture, turn) => {
  if (picture.channels !== 3) return picture;
  const plane = picture.height * picture.width;
  const pixels = picture.pixels.slice();
  const by = Math.trunc(turn * 255);
  const colour: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < plane; i++) {
    const [red, green, blue] = [pixels[i]!, pixels[plane + i]!, pixels[2 * plane + i]!];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    const saturation = chroma === 0 ? 0 : byte(Math.trunc(f32(f32(chroma / value) * 255)));
    const hue = chroma === 0 ? 0 : hueOf(red, green, blue, value, chroma);
    toRed((hue + by) & 255, saturation, value, colour);
    pixels[i] = colour[0];
    pixels[plane + i] = colour[1];
    pixels[2 * plane + i] = colour[2];
  }
  return { ...picture, pixels };
};

const f32 = Math.fround;

function byte(value: number): number {
  return Math.min(255, Math.max(0, value));
}

function hueOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  const from = (channel: number): number => f32((value - channel) / chroma);
  const [r, g, b] = [from(red), from(green), from(blue)];
  const sixths = red === value ? b - g : green === value ? 2 + r - b : 4 + g - r;
  return byte(Math.trunc(f32((f32(sixths) / 6 + 1) % 1) * 255));
}

/** Red, green and blue of a hue, saturation and value, all bytes, into `out`. */
function toRed(hue: number, saturation: number, value: number, out: [number, number, number]): void {
  if (saturation === 0) {
    out.fill(value);
    return;
  }
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths);
  const rest = f32(sixths - sector);
  const share = f32(saturation / 255);
  const p = byte(Math.round(value * (1 - share)));
  const q = byte(Math.round(value * (1 - f32(share * rest))));
  const t = byte(Math.round(value * (1 - share * (1 - rest))));
  const sectors = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ] as const;
  const [red, green, blue] = sectors[sector % 6]!;
  out[0] = red;
  out[1] = green;
  out[2] = blue;
}
