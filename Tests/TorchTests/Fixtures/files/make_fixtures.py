"""Files that PyTorch writes, for Tests/TorchTests/Files. Made with torch 2.11.0, safetensors 0.8.0.

Run in this folder: python make_fixtures.py
"""

import json
import os
import zipfile
from collections import OrderedDict

import torch
from safetensors.torch import save_file

DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
}


def by_dtype():
    return {name: torch.tensor([0, 1, 100]).to(dtype) for name, dtype in DTYPES.items()}


def everything():
    grid = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    linear = torch.nn.Linear(2, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        linear.bias.copy_(torch.tensor([5.0, 6.0]))
    return {
        "dtypes": by_dtype(),
        "module": linear.state_dict(),
        "grid": grid,
        "transposed": grid.t(),
        "column": grid[:, 1],
        "expanded": torch.ones(1).expand(2, 3),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.tensor([7.0])),
        "frozen": torch.nn.Parameter(torch.tensor([8.0]), requires_grad=False),
        "size": torch.Size([3, 4]),
        "none": None,
        "true": True,
        "false": False,
        "integers": [0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)],
        "float": 0.1,
        "text": "Grüße, 世界",
        "tuple": (1, (), (2, 3), ("a", "b", "c"), (1, 2, 3, 4)),
        "nested": [{"a": [1]}, OrderedDict([(1, "one"), (2, "two")])],
    }


def optimizer():
    a = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    b = torch.nn.Parameter(torch.tensor([3.0]))
    adamw = torch.optim.AdamW([a, b], lr=1e-3, weight_decay=0.05)
    for _ in range(2):
        adamw.zero_grad()
        (a.sum() * 2).backward()  # b has no gradient, so no state
        adamw.step()
    return adamw.state_dict()


class Evil:
    def __reduce__(self):
        return (os.system, ("touch evil-was-here",))


torch.save(everything(), "everything.pt")
torch.save(everything(), "everything_legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"x": torch.arange(3.0), "n": 5}, "protocol4.pt", pickle_protocol=4)
torch.save({"x": torch.arange(3.0), "n": 5}, "protocol4_legacy.pt", pickle_protocol=4, _use_new_zipfile_serialization=False)
torch.save(optimizer(), "adamw.pt")
torch.save({"x": torch.ones(1), "evil": Evil()}, "evil.pt")
torch.save({"x": torch.ones(1), "evil": Evil()}, "evil_legacy.pt", _use_new_zipfile_serialization=False)
with zipfile.ZipFile("everything.pt") as source:
    with zipfile.ZipFile("compressed.pt", "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)

save_file(
    {"x": torch.arange(6, dtype=torch.float32).reshape(2, 3), "scalar": torch.tensor(7)} | by_dtype(),
    "everything.safetensors",
    metadata={"format": "pt", "quote": 'a "b" \\ ü\n'},
)


def odd():
    """Lazy negatives and conjugates, and dtypes that Recap lacks."""
    grid = torch.arange(8.0).reshape(2, 4)
    complex = torch.tensor([1 + 2j, 3 + 4j], dtype=torch.complex64)
    others = ["complex64", "complex128", "uint16", "uint32", "uint64", "float8_e4m3fn"]
    return {
        "plain": torch.tensor([1.0, -2.0, 3.0]),
        "negative": torch._neg_view(torch.tensor([1.0, -2.0, 3.0])),
        "negative_row": torch._neg_view(grid)[1, ::2],
        "imaginary": complex.conj().imag,
        "conjugate": complex.clone().conj(),
    } | {name: torch.zeros(4).to(getattr(torch, name)) for name in others}


NAMES = {"caf\u00e9": torch.tensor([1.0]), "cafe\u0301": torch.tensor([2.0])}
torch.save(odd(), "odd.pt")
torch.save(odd(), "odd_legacy.pt", _use_new_zipfile_serialization=False)
torch.save(NAMES, "names.pt")
save_file(NAMES, "names.safetensors")
save_file({"a": torch.tensor([1.0])}, "shard-1.safetensors")
save_file({"b": torch.tensor([2.0, 3.0])}, "shard-2.safetensors")
with open("shards.safetensors.index.json", "w") as file:
    weight_map = {"a": "shard-1.safetensors", "b": "shard-2.safetensors"}
    json.dump({"metadata": {"total_size": 12}, "weight_map": weight_map}, file)
