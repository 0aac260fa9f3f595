import { describe, expect, test } from "vitest";
import type { LimbeckError } from "../errors.ts";
import { readSafetensors, writeSafetensors } from "./index.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
/** The beginning and the end of what torch.save writes, from PyTorch 1.6. */
const zip = bytes(
  `PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0resnet18/data.pkl${"\0".repeat(99)}`,
);
const legacy = bytes("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.");

function thrown(file: Uint8Array, source = "runs/big.pt"): LimbeckError {
  try {
    readSafetensors(file, source);
  } catch (error) {
    return error as LimbeckError;
  }
  throw new Error("nothing was thrown");
}

describe.each([
  ["an archive", zip],
  ["pickles", legacy],
])("a file of torch.save: %s", (_, file) => {
  test("is refused with the line that converts it, as a state dict and without running its code", () => {
    const { code, message } = thrown(file);
    expect(code).toBe("WEIGHTS");
    expect(message).toContain(
      `python3 -c "import torch, safetensors.torch as s; d = torch.load('runs/big.pt', map_location='cpu', weights_only=True); ` +
        `d = d.get('state_dict', d.get('model', d)); ` +
        `s.save_file({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, 'runs/big.safetensors')"`,
    );
    expect(message).toMatch(
      /whole module.*torch\.load\('runs\/big\.pt', map_location='cpu', weights_only=False\)\.state_dict\(\)/,
    );
  });

  test("a path that a shell or Python would read otherwise stays out of the line", () => {
    expect(thrown(file, `it's "$HOME".pt`).message).toContain("torch.load('weights.pt', ");
  });
});

test("TorchScript is told from a saved state dict", () => {
  const { message } = thrown(bytes(`PK\x03\x04net/data.pkl${"\0".repeat(99)}net/constants.pkl`));
  expect(message).toContain("d = torch.jit.load('runs/big.pt', map_location='cpu').state_dict(); s.save_file(");
});

test.each([
  ["an ONNX file", "\x08\x07\x12\x07pytorch\x1a\x061.13.1:", /big\.pt: it is an ONNX file/],
  ["a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", /git lfs pull/],
  ["an HDF5 file", "\x89HDF\r\n\x1a\n\0\0", /HDF5/],
  ["nothing known", "no weights at all, but a text", /is it a safetensors file\?/],
])("%s is named", (_, text, message) => {
  expect(thrown(bytes(text))).toMatchObject({ code: "WEIGHTS", message: expect.stringMatching(message) });
});

test("a safetensors file is one, whatever its length looks like", () => {
  // A header of 0x1208 or 0x0280 bytes: its first bytes are those of ONNX or of a pickle.
  for (const length of [0x1208, 0x1a08, 0x0280]) {
    const name = "x".repeat(length - writeSafetensors(new Map([["", one]])).length + 8 + one.values.byteLength);
    const file = writeSafetensors(new Map([[name, one]]));
    expect(new DataView(file.buffer).getUint32(0, true)).toBe(length);
    expect(readSafetensors(file).tensors.get(name)).toEqual(one);
  }
});
const one = { shape: [1], values: Float32Array.of(3) };
