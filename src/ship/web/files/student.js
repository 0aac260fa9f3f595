/** What this student is. */
export const student = {};

// With two modules {
/** A module of one function: local 0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(local 0, local 0, local 0). */
const relaxedSimd = Uint8Array.from(atob("AGFzbQEAAAABBAFgAAADAgEAChEBDwEBeyAAIAAgAP2TAiEACw=="), (byte) =>
  byte.charCodeAt(0),
);

/** Whether it computes what it computed when it was exported, of numbers that stand for an image. */
function isRight({ at, floats, run }) {
  const { channels, height, width, proof } = student;
  for (let i = 0; i < height * width * channels; i++) floats[at.input / 4 + i] = ((i * 37) % 7) - 3;
  run();
  return crc32(new Uint8Array(floats.buffer, at.output[0], 4 * at.output[1])) === proof;
}
// }

const plainHere = () => fetched(new URL("student.wasm", import.meta.url));

/**
 * Makes the student ready: `const { classify } = await load(); classify(canvas)`.
 *
 * Where files cannot be fetched (Node, edge workers), give them: `wasm` as bytes or as a `WebAssembly.Module`, `weights` as bytes. Errors have a `code`:
 * DATA_MISSING for a file that is not there, CHECKSUM for one that is damaged or another student's, UNSUPPORTED without WebAssembly SIMD.
 */
export async function load({ wasm, weights } = {}) {
  checkConstants();
  let wasmHere = plainHere;
  // With two modules {
  // The 8-bit products of relaxed SIMD, where this machine has them, give the same bits sooner.
  if (WebAssembly.validate(relaxedSimd)) wasmHere = () => fetched(new URL("student.relaxed.wasm", import.meta.url));
  // }
  const [module, bytes] = await Promise.all([
    compiled(wasm ?? wasmHere()),
    checked(["weights.bin"], weights ?? fetched(new URL("weights.bin", import.meta.url))),
  ]);
  let started = await start(module, bytes);
  // With two modules {
  // V8 before 12 multiplies wrongly in relaxed SIMD at first, and so do later ones where the processor has no AVX.
  if (!isRight(started)) {
    if (wasm) throw refuse("UNSUPPORTED", "relaxed SIMD is wrong on this machine; give student.wasm");
    started = await start(await compiled(plainHere()), bytes);
  }
  // }
  const { at, floats, run } = started;
  const { classes, channels, height, width, mean, std } = student;
  /** (value / 255 - mean) / std of each channel's 256 values, each step rounded to float32, as in training. */
  const normalised = mean.map((m, c) =>
    Float32Array.from(
      { length: 256 },
      (_, v) => Math.fround(Math.fround(v / 255) - Math.fround(m)) / Math.fround(std[c]),
    ),
  );

  /** The logits of an image, in the order of `classes`. */
  function logits(image) {
    const { values, step } = prepared(pixelsOf(image));
    for (let c = 0; c < channels; c++) {
      const numbers = normalised[c];
      const to = at.input / 4 + c;
      for (let i = 0; i < height * width; i++) floats[to + i * channels] = numbers[values[i * step + c]];
    }
    run();
    return floats.slice(at.output[0] / 4, at.output[0] / 4 + at.output[1]);
  }

  /** The classes of an image with their probabilities, the most probable first. */
  function classify(image) {
    const values = logits(image);
    const largest = Math.max(...values);
    const weights = Array.from(values, (value) => Math.exp(value - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights
      .map((weight, index) => ({ index, name: classes[index], probability: weight / total }))
      .sort((a, b) => b.probability - a.probability);
  }
  return { classify, logits };
}

/** What somebody may have changed. */
function checkConstants() {
  const { classes, channels, mean, std, modules } = student;
  const names = modules[0].output[1];
  if (classes.length !== names) throw foreign("student.js", `${names} classes`, classes.length);
  for (const [what, values, least] of [
    ["numbers as mean", mean, -Infinity],
    ["numbers above 0 as std", std, 0],
  ]) {
    if (values.length !== channels || !values.every((value) => value > least && value < Infinity))
      throw foreign("student.js", `${channels} ${what}`, values);
  }
}

/** An instance of a module that has its weights. */
async function start(module, bytes) {
  const at = placesIn(module);
  const { memory, prepare, run } = (await WebAssembly.instantiate(module)).exports;
  const numbers = student.precision === "float16" ? widened(bytes) : bytes;
  let from = 0;
  for (const [address, length] of at.weights) {
    new Uint8Array(memory.buffer, address, length).set(numbers.subarray(from, (from += length)));
  }
  prepare();
  return { at, floats: new Float32Array(memory.buffer), run };
}

function refuse(code, message) {
  return Object.assign(new Error(message), { name: "StudentError", code });
}

async function fetched(url) {
  const response = await fetch(url).catch((error) => ({ statusText: error.message }));
  if (response.ok) return response.arrayBuffer();
  throw refuse(
    "DATA_MISSING",
    `${url} cannot be fetched (${response.statusText || response.status}); put it beside student.js, or give its bytes to load`,
  );
}

/** The bytes, if they are those of one of these files. */
async function checked(names, source) {
  const bytes = new Uint8Array(await source);
  const expected = names.map((name) => student.files[name]).filter(Boolean);
  const got = `${bytes.length} bytes with CRC-32 ${crc32(bytes)}`;
  if (expected.includes(got)) return bytes;
  throw foreign(names[0], expected.join(" or "), got);
}

async function compiled(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  const bytes = await checked(["student.wasm", "student.relaxed.wasm"], given);
  return WebAssembly.compile(bytes).catch((error) => {
    throw refuse("UNSUPPORTED", `WebAssembly with SIMD is needed: ${error.message}`);
  });
}

/** Where in its memory a module has what. */
function placesIn(module) {
  const [mark] = WebAssembly.Module.customSections(module, "limbeck").map((bytes) => new TextDecoder().decode(bytes));
  const found = student.modules.find(({ id }) => id === mark);
  if (found) return found;
  throw foreign("student.wasm", student.modules[0].id, mark);
}

function foreign(name, expected, got) {
  return refuse(
    "CHECKSUM",
    `${name} is damaged or another student's: expected ${expected}, got ${got}; take the folder again`,
  );
}

/** float16 as float32: its bits in those of a float32 are the number times 2 ** -112. */
function widened({ buffer }) {
  const bits = Uint32Array.from(new Uint16Array(buffer), (half) => ((half & 0x8000) << 16) | ((half & 0x7fff) << 13));
  return new Uint8Array(new Float32Array(bits.buffer).map((value) => value * 2 ** 112).buffer);
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) crc = crcOfByte[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

const crcOfByte = Int32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/** RGBA pixels of whatever shows an image. */
function pixelsOf(image) {
  let pixels = image;
  if (!image?.data) {
    const width = image?.videoWidth ?? image?.naturalWidth ?? image?.displayWidth ?? image?.width;
    const height = image?.videoHeight ?? image?.naturalHeight ?? image?.displayHeight ?? image?.height;
    if (!(width > 0 && height > 0))
      throw refuse(
        "ARGUMENT",
        "classify takes ImageData, { data, width, height }, or what a canvas can draw, once it has a size",
      );
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    pixels = context.getImageData(0, 0, width, height);
  }
  const { data, width, height } = pixels;
  const isWhole = width >= 1 && Number.isInteger(width) && Number.isInteger(height);
  if (isWhole && data.length === width * height * 4 && data.BYTES_PER_ELEMENT === 1) return pixels;
  throw refuse(
    "ARGUMENT",
    `an image of ${width} x ${height} should have ${width * height * 4} bytes, RGBA, in a Uint8Array, got ${data.length} in ${data.constructor.name}`,
  );
}

/** Pixels of the network's size: the shorter side resized, the middle cut out, as Pillow and torchvision do it. */
function prepared({ data, width, height }) {
  const { height: rows, width: columns, resize } = student;
  const pixels = coloursOf(data, width * height);
  if (width === columns && height === rows) return pixels;
  if (rows !== columns) throw refuse("ARGUMENT", `the image should be ${columns} x ${rows}, got ${width} x ${height}`);
  const short = Math.min(width, height);
  const places = (side) => {
    const size = side === short ? resize : Math.trunc((resize * side) / short);
    const half = (size - rows) / 2;
    return placesOf(side, size, Math.floor(half) + (half % 1 ? Math.floor(half) % 2 : 0), rows);
  };
  return resampled(resampled(pixels, width, height, places(width)), height, columns, places(height));
}

/** The network's channels of each pixel, `step` bytes from pixel to pixel; what is transparent lies on the background, if there is one. */
function coloursOf({ buffer, byteOffset, length }, size) {
  const { channels, background } = student;
  let rgba = new Uint8Array(buffer, byteOffset, length);
  if (background) {
    let opaque = 255;
    for (let at = 3; at < length; at += 4) opaque &= rgba[at];
    if (opaque < 255) {
      rgba = rgba.map((value, at) => over255(value * rgba[at | 3] + background[at & 3] * (255 - rgba[at | 3])));
    }
  }
  if (channels === 3) return { values: rgba, step: 4 };
  const values = new Uint8Array(size);
  for (let i = 0, at = 0; i < size; i++, at += 4) {
    values[i] = (19595 * rgba[at] + 38470 * rgba[at + 1] + 7471 * rgba[at + 2] + 32768) >> 16;
  }
  return { values, step: 1 };
}

/** Of a sum of products of bytes: over 255, rounded. */
function over255(sum) {
  return (((sum + 128) >> 8) + sum + 128) >> 8;
}

/** Of a side resized to `size`, places `skip` to `skip + count`: from where on how much of each value, by Pillow's bilinear filter in 22-bit numbers. */
function placesOf(side, size, skip, count) {
  const scale = side / size;
  const reach = Math.max(1, scale);
  return Array.from({ length: count }, (_, place) => {
    const centre = (skip + place + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - reach + 0.5));
    const to = Math.min(side, Math.trunc(centre + reach + 0.5));
    const shares = Array.from({ length: to - from }, (_, i) =>
      Math.max(0, 1 - Math.abs((i + from - centre + 0.5) * (1 / reach))),
    );
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { from, whole: Int32Array.from(shares, (share) => Math.trunc(0.5 + (share / total) * 2 ** 22)) };
  });
}

/** Rows of `width` pixels resized to these places. The result is transposed. NOTE: what is grey is summed three times, by the same code. */
function resampled({ values, step }, width, height, places) {
  const { channels } = student;
  const next = channels === 3 ? 1 : 0;
  const out = new Uint8Array(places.length * height * channels);
  for (let row = 0; row < height; row++) {
    for (let place = 0; place < places.length; place++) {
      const { from, whole } = places[place];
      let red = 2 ** 21;
      let green = red;
      let blue = red;
      for (let i = 0, at = (row * width + from) * step; i < whole.length; i++, at += step) {
        red = (red + Math.imul(values[at], whole[i])) | 0;
        green = (green + Math.imul(values[at + next], whole[i])) | 0;
        blue = (blue + Math.imul(values[at + 2 * next], whole[i])) | 0;
      }
      const to = (place * height + row) * channels;
      out[to] = red >> 22;
      out[to + next] = green >> 22;
      out[to + 2 * next] = blue >> 22;
    }
  }
  return { values: out, step: channels };
}
