"""Whether ONNX's own checker, with shape inference, takes the files that Limbeck writes: Debian's python3-onnx.

In this folder: mkdir /tmp/checked && node checked-networks.ts /tmp/checked && /usr/bin/python3 onnx-checker.golden.py /tmp/checked
"""
import json, pathlib, sys
import onnx
from onnx import checker, shape_inference

folder = pathlib.Path(sys.argv[1])
structures = json.loads((folder / "structures.json").read_text())
for name in structures:
    model = onnx.load(folder / f"{name}.onnx")
    checker.check_model(model, full_check=True)
    inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    [logits] = inferred.graph.output
    dims = [d.dim_param or d.dim_value for d in logits.type.tensor_type.shape.dim]
    assert dims[0] == "batch" and len(dims) == 2, (name, dims)
    print(name, len(model.graph.node), "nodes")
pathlib.Path("onnx-checker.golden.json").write_text(
    json.dumps({"onnx": onnx.__version__, "structures": structures}, indent=2, ensure_ascii=False) + "\n")
