/** @file Files of weights in other formats: what they are, told by their first bytes, and how to get a safetensors file of them. */

/** What a file is, and what to do about it, if its bytes are those of another well-known format. `source` names the file. */
export function foreignFormat(bytes: Uint8Array, source: string): string | undefined {
  // A safetensors file begins with 8 bytes of length, then an object.
  if (bytes[8] === "{".charCodeAt(0)) return undefined;
  if (startsWith(bytes, ZIP)) return isIn(bytes, "constants.pkl") ? torchScript(source) : saved(source);
  if (bytes[0] === PICKLE && PROTOCOLS.some((protocol) => protocol === bytes[1])) return saved(source);
  if (isOnnx(bytes)) {
    return (
      "it is an ONNX file, a network as a graph of operations, where a safetensors file of weights by name is expected; " +
      "importOnnx makes a network of it in a program; or save the weights where it was trained, " +
      "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
    );
  }
  if (startsWith(bytes, LFS)) return "it is a pointer of Git LFS, not the file itself; get that with git lfs pull";
  if (startsWith(bytes, HDF)) return "it is an HDF5 file, as Keras writes; convert it to safetensors";
  return undefined;
}

const ZIP = "PK\u0003\u0004";
const HDF = "\u0089HDF";
const LFS = "version https://git-lfs";
/** The opcode PROTO, which a version follows. */
const PICKLE = 0x80;
const PROTOCOLS = [2, 3, 4, 5];

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

/** `ir_version`, the first field of an ONNX model, and a field of text or of a message behind it: who made it, or the graph. */
function isOnnx(bytes: Uint8Array): boolean {
  const [first, version = 0, second = 0] = bytes;
  return first === 0x08 && version >= 1 && version < 0x20 && [0x12, 0x1a, 0x22, 0x3a, 0x42].includes(second);
}

/** An archive's names stand at its end too. */
const TAIL = 65_536;

function isIn(bytes: Uint8Array, name: string): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(-TAIL)).includes(name);
}

/** What `torch.save` writes: a zip archive, or, before PyTorch 1.6, pickles. */
function saved(source: string): string {
  const load = (weightsOnly: string): string =>
    `torch.load('${pythonName(source)}', map_location='cpu', ${weightsOnly})`;
  const find = `d = ${load("weights_only=True")}; d = d.get('state_dict', d.get('model', d))`;
  return (
    "it is a file of PyTorch's torch.save, which holds Python objects; convert it once: " +
    `${converted(find, source)} -- where that says the file holds a whole module, and if you trust the file, which may run any code, ` +
    `put d = ${load("weights_only=False")}.state_dict() in the place of both d`
  );
}

/** What `torch.jit.save` writes. */
function torchScript(source: string): string {
  const find = `d = torch.jit.load('${pythonName(source)}', map_location='cpu').state_dict()`;
  return `it is a TorchScript file, a network as a program; take its weights out once: ${converted(find, source)}`;
}

/** NOTE: copies, because a safetensors file does not hold tensors that share memory, and only tensors, because some dictionaries hold more. */
function converted(find: string, source: string): string {
  const copies = "{k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}";
  const target = `${pythonName(source).replace(/\.\w+$/, "")}.safetensors`;
  return `python3 -c "import torch, safetensors.torch as s; ${find}; s.save_file(${copies}, '${target}')"`;
}

/** The file's name, where it means the same in Python and in every shell. */
function pythonName(source: string): string {
  return /^[\w./ -]+$/.test(source) ? source : "weights.pt";
}
