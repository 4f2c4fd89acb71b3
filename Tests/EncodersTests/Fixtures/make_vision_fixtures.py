"""Writes the fixtures of VisionFamilyTests beside itself, and those of more image processors.

Made with torch 2.11.0, transformers 5.23.0, safetensors 0.8.0, pillow 13.0.0, numpy 2.4.6, on a CPU,
one thread. Run: python make_vision_fixtures.py

A folder for each model, as a user would have it (config.json and weights), with the numbers beside:
  vision/siglip               head; transformers 4 spelling, as published files have it
  vision/siglip-whole         inside a whole SiglipModel, transformers 5 spelling, pytorch_model.bin; no head;
                              images of another size than the model's
  vision/dinov2               transformers 4 spelling, bfloat16; another size
  vision/dinov2-classifier    inside a Dinov2ForImageClassification; SwiGLU, no biases of queries, keys and
                              values, no mask token
  vision/registers            two registers; another size, antialiased
  vision/registers-giant      SwiGLU, four registers; transformers 5 spelling
  vision/vit                  pooler; transformers 4 spelling, float16
  vision/vit-classifier       inside a ViTForImageClassification, transformers 5 spelling; no biases of queries,
                              keys and values; another size
  vision/metaclip2            CLIP's kin; another size
expected.safetensors holds `input` (bfloat16), `hidden.N` (N = 0 is the input of the first layer),
`last_hidden_state`, `pooled` (the pooler's output; without any the class token, else the mean of the tokens),
`features` (the class token of last_hidden_state; of SigLIP `pooled`), the `cotangent.*` c of the scalar loss
sum(c · last_hidden_state) + sum(c' · pooled), its gradients `gradient.<name>`, and, under `bfloat16.`, what
transformers computes with weights and pixels in bfloat16. parameters.json lists the model's parameters in
transformers' order. All are of sizes that fit in a few kilobytes: three heads, grids of 3 to 6 patches.
Images: processors.json and processors.safetensors, as make_fixtures.py describes images.*.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import (
    AutoModel, Dinov2Config, Dinov2ForImageClassification, Dinov2Model, Dinov2WithRegistersConfig,
    Dinov2WithRegistersModel, MetaClip2VisionConfig, MetaClip2VisionModel, SiglipConfig, SiglipModel,
    SiglipVisionConfig, SiglipVisionModel, ViTConfig, ViTForImageClassification, ViTModel,
)
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from make_fixtures import sampled, synthetic_image

HERE = Path(__file__).parent
FOLDER = HERE / "vision"
torch.set_num_threads(1)

SIZES = dict(hidden_size=6, num_hidden_layers=2, num_attention_heads=3)
DINOV2 = SIZES | dict(mlp_ratio=2, image_size=20, patch_size=4)


def randomize(model: torch.nn.Module, seed: int, dtype: torch.dtype) -> torch.nn.Module:
    """Weights large enough to matter, norms and scales away from 1 and biases from 0; exact in `dtype`."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name.lower() and name.endswith("weight"):
                noise = 1 + 0.2 * noise
            elif name.endswith("lambda1"):
                noise = 0.7 + 0.2 * noise
            elif parameter.dim() < 2:
                noise = 0.1 * noise
            else:
                noise = 0.9 * noise / parameter[0].numel() ** 0.5
            parameter.copy_(noise.to(dtype).float())
    return model.eval()


def outputs(model: torch.nn.Module, pixels: torch.Tensor) -> tuple:
    kind = type(model).__name__
    flags = {} if kind.startswith("Dinov2") else {"interpolate_pos_encoding": True}
    output = model(pixel_values=pixels, output_hidden_states=True, **flags)
    last, pooled = output.last_hidden_state, output.pooler_output
    if pooled is None:
        pooled = last.mean(1) if kind.startswith("Siglip") else last[:, 0]
    return output.hidden_states, last, pooled, pooled if kind.startswith("Siglip") else last[:, 0]


def make(
    name: str, whole: torch.nn.Module, seed: int, part: str | None = None, height: int | None = None,
    width: int | None = None, dtype: torch.dtype = torch.float32, as_is: bool = False, as_bin: bool = False,
    level: str = "",
) -> None:
    """`part` is where the vision model is in `whole`; images have the model's own size unless given. Weights are
    written as transformers publishes them, else under the names of the model in memory, behind a level."""
    model = whole.get_submodule(part) if part else whole
    randomize(whole, seed, dtype)
    folder = FOLDER / name
    folder.mkdir(parents=True)
    side = model.config.image_size
    generator = torch.Generator().manual_seed(seed + 1)
    pixels = torch.randn(2, 3, height or side, width or side, generator=generator).bfloat16()

    hidden, last, pooled, features = outputs(model, pixels.float())
    cotangent = 0.02 * torch.randn(last.shape, generator=generator)
    pooled_cotangent = 0.02 * torch.randn(pooled.shape, generator=generator)
    loss = (last * cotangent).sum() + (pooled * pooled_cotangent).sum()
    loss.backward()
    numbers = {"input": pixels, "loss": loss, "last_hidden_state": last, "pooled": pooled, "features": features}
    numbers |= {f"hidden.{i}": h for i, h in enumerate(hidden)}
    numbers |= {"cotangent.last_hidden_state": cotangent, "cotangent.pooled": pooled_cotangent}
    parameters = dict(model.named_parameters())
    numbers |= {f"gradient.{k}": p.grad for k, p in parameters.items() if p.grad is not None}

    whole.zero_grad()
    whole.to(dtype).save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    if as_is or as_bin or level:
        (folder / "model.safetensors").unlink()
        state = {level + k: v.contiguous() for k, v in whole.state_dict().items()}
        if as_bin:
            torch.save(state, folder / "pytorch_model.bin")
        else:
            save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config.pop("transformers_version", None)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")

    with torch.no_grad():
        _, last_16, pooled_16, features_16 = outputs(model.to(torch.bfloat16), pixels)
    numbers |= {
        "bfloat16.last_hidden_state": last_16, "bfloat16.pooled": pooled_16, "bfloat16.features": features_16,
    }
    save_file({k: v.detach().clone().contiguous() for k, v in numbers.items()}, folder / "expected.safetensors")
    (folder / "parameters.json").write_text(json.dumps(list(parameters), indent=0) + "\n")

    again = type(whole).from_pretrained(folder, dtype=torch.float32).eval()
    again = again.get_submodule(part) if part else again
    torch.testing.assert_close(outputs(again, pixels.float())[1], last)


def make_models() -> None:
    siglip = SIZES | dict(image_size=12, patch_size=4, intermediate_size=10)
    make("siglip", SiglipVisionModel(SiglipVisionConfig(**siglip)), 100, level="vision_model.")
    text = dict(
        vocab_size=8, hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1,
        max_position_embeddings=4)
    whole = SiglipConfig(
        text_config=text, vision_config=siglip | dict(vision_use_head=False, num_attention_heads=2))
    make("siglip-whole", SiglipModel(whole), 110, "vision_model", 16, 24, as_bin=True)

    make("dinov2", Dinov2Model(Dinov2Config(**DINOV2)), 120, None, 12, 17, dtype=torch.bfloat16)
    classifier = Dinov2Config(
        **DINOV2 | dict(image_size=12), use_swiglu_ffn=True, qkv_bias=False, use_mask_token=False, num_labels=2)
    make("dinov2-classifier", Dinov2ForImageClassification(classifier), 130, "dinov2")
    registers = Dinov2WithRegistersConfig(**DINOV2, num_register_tokens=2)
    make("registers", Dinov2WithRegistersModel(registers), 140, None, 12, 16)
    giant = Dinov2WithRegistersConfig(
        **DINOV2 | dict(image_size=12, num_attention_heads=2), use_swiglu_ffn=True)
    make("registers-giant", Dinov2WithRegistersModel(giant), 150, as_is=True)

    vit = SIZES | dict(image_size=12, patch_size=4, intermediate_size=10)
    make("vit", ViTModel(ViTConfig(**vit)), 160, dtype=torch.float16)
    classifier = ViTConfig(**vit | dict(num_attention_heads=2), qkv_bias=False, hidden_act="relu", num_labels=2)
    make("vit-classifier", ViTForImageClassification(classifier), 170, "vit", 16, 20, as_is=True)

    make("metaclip2", MetaClip2VisionModel(MetaClip2VisionConfig(**siglip)), 180, None, 8, 16)


def make_processors() -> None:
    published = {  # as published for dinov2-small
        "crop_size": {"height": 224, "width": 224}, "do_center_crop": True, "do_convert_rgb": True,
        "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.485, 0.456, 0.406],
        "image_processor_type": "BitImageProcessor", "image_std": [0.229, 0.224, 0.225], "resample": 3,
        "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 256},
    }
    processors = {
        "siglip": (SiglipImageProcessorPil, {"image_processor_type": "SiglipImageProcessor"}),
        "siglip2": (SiglipImageProcessorPil, {
            "image_processor_type": "SiglipImageProcessorFast", "resample": 2, "do_convert_rgb": None,
            "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "size": {"height": 96, "width": 96},
        }),
        "siglip-edge": (SiglipImageProcessorPil, {
            "image_processor_type": "SiglipImageProcessor", "size": 60, "do_center_crop": True, "crop_size": 48,
        }),
        "vit": (ViTImageProcessorPil, {"image_processor_type": "ViTImageProcessorFast"}),
        "vit-legacy": (ViTImageProcessorPil, {
            "do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor",
            "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 64,
        }),
        "dinov2": (BitImageProcessorPil, published),
        "bit": (BitImageProcessorPil, {"image_processor_type": "BitImageProcessor"}),
    }
    sizes = [(640, 480), (96, 96), (50, 37)]
    listing, arrays, floats = {}, {}, {}
    for name, (family, settings) in processors.items():
        processor = family(**{k: v for k, v in settings.items() if not k.endswith("_type")})
        layouts = {}
        for width, height in sizes:
            image = Image.fromarray(synthetic_image(width, height))
            raw = processor(image, do_rescale=False, do_normalize=False)["pixel_values"][0]
            raw = np.moveaxis(np.asarray(raw), 0, -1)
            assert np.array_equal(raw, raw.astype(np.uint8))
            rows, columns = [sampled(n) for n in raw.shape[:2]]
            key = f"{name}/{width}x{height}"
            arrays[key] = torch.from_numpy(raw.astype(np.uint8)[rows][:, columns].copy())
            if (width, height) == (640, 480):
                final = np.moveaxis(np.asarray(processor(image)["pixel_values"][0]), 0, -1)
                floats[f"{key}/normalized"] = torch.from_numpy(
                    final[rows][:, columns].astype(np.float32).copy())
            layouts[str(raw.shape)] = {"output": list(raw.shape), "rows": rows, "columns": columns}
        assert len(layouts) == 1, name
        listing[name] = {"preprocessor_config": settings} | next(iter(layouts.values()))
    fields = {"sizes": [list(s) for s in sizes], "processors": listing}
    (HERE / "processors.json").write_text(json.dumps(fields) + "\n")
    save_file(arrays, HERE / "processors.safetensors")
    save_file(floats, HERE / "processors-normalized.safetensors")


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    make_models()
    make_processors()
    total = 0
    for path in sorted([*FOLDER.rglob("*"), *HERE.glob("processors*")]):
        if path.is_file():
            assert path.stat().st_size < 100_000, path
            total += path.stat().st_size
            print(f"{path.stat().st_size:7d} {path.relative_to(HERE)}")
    print(f"{total:7d} in all")
