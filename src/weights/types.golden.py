"""Makes types.golden.safetensors and prints what it holds: a tensor of each type, written by the format's own library.

python3 types.golden.py > types.golden.json    (safetensors 0.8, PyTorch 1.13)
"""
import json, safetensors, torch

values = torch.tensor([[0.0, -0.0, 1.0, -1.5], [0.1, 65504.0, 6e-8, -3.0e-5], [float("inf"), float("-inf"), 1 / 3, 70000.0]])
whole = torch.tensor([0, -1, 2147483647, -2147483648, 16777217])
raw = {
    "F32": values, "F16": values.half(), "BF16": values.bfloat16(), "F64": values.double() / 3,
    "I32": whole.int(), "I64": torch.cat([whole, torch.tensor([2**53 + 1, -2**63])]),
    "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
}
def spec(tensor):
    return safetensors.TensorSpec(dtype=str(tensor.dtype).split(".")[-1], shape=tensor.shape, data_ptr=tensor.data_ptr(),
                                  data_len=tensor.numel() * tensor.element_size())

file = safetensors.serialize({name: spec(tensor) for name, tensor in raw.items()}, {"made by": "safetensors"})
with open("types.golden.safetensors", "wb") as out: out.write(file)
print(json.dumps({name: {"shape": list(t.shape), "values": [str(v) for v in t.float().flatten().tolist()]}
                  for name, t in raw.items()}))
