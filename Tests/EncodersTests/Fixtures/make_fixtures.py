"""Writes the fixtures of EncodersTests beside itself.

Made with torch 2.11.0, transformers 5.23.0, safetensors 0.8.0, pillow 13.0.0, numpy 2.4.6, on a CPU,
one thread. Run: python make_fixtures.py

Model folders, as a user would have them:
  clip-a            transformers 5 spelling, flat configuration, safetensors; image 32, patch 8, quick_gelu
  clip-a-leveled    the same weights in transformers 4 spelling (an extra `vision_model.` level, and its
                    `position_ids` buffer)
  clip-b            image 30, patch 10, gelu, 3 heads, layer_norm_eps 1e-6
  clip-b-whole      the same weights inside a whole CLIPModel: nested configuration, `text_model.*` beside,
                    pytorch_model.bin
  clip-b-random     config.json alone
  bert-plain        transformers' own spelling
  bert-prefixed     the same weights as in bert-base-uncased: `bert.` prefix, gamma and beta, `cls.*` heads
  bert-headless     the same weights without a pooler
Numbers: clip-a.safetensors, clip-b.safetensors and bert.safetensors hold `input.*`, `hidden.N` (N = 0 is the
input of the first layer, the last one equals `last_hidden_state`), `last_hidden_state`, `pooled` (of CLIP:
post_layernorm of the first token), and the `cotangent.*` c of the scalar loss
sum(c · last_hidden_state) + sum(c' · pooled), whose gradients are in *-gradients.safetensors.
Images: images.json lists processors, image sizes and sampled positions, images.safetensors the processed
bytes before rescaling, `<processor>/<width>x<height>` [rows, columns, 3]. The input pixel at row y, column x,
channel c is (3·y·y + 5·x + (x·y) // 16 + 37·c) mod 256.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModel, BertConfig, BertForPreTraining, BertModel, CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

HERE = Path(__file__).parent
torch.set_num_threads(1)


def randomize(model: torch.nn.Module, seed: int, scale: float = 0.3) -> torch.nn.Module:
    """Weights large enough to matter, norms and biases away from 1 and 0."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_norm = "norm" in name.lower() or "layrnorm" in name
            if is_norm and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif parameter.dim() < 2:
                parameter.copy_(0.1 * noise)
            else:
                parameter.copy_(scale * noise / parameter[0].numel() ** 0.5 * 3)
    return model.eval()


def write_folder(name: str, config, weights: dict | None, as_bin: bool = False) -> None:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    fields = config.to_diff_dict() if hasattr(config, "to_diff_dict") else config
    fields.pop("transformers_version", None)
    (folder / "config.json").write_text(json.dumps(fields, indent=1, sort_keys=True) + "\n")
    if weights is None:
        return
    if as_bin:
        torch.save(weights, folder / "pytorch_model.bin")
    else:
        weights = {k: v.contiguous() for k, v in weights.items()}
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def write_numbers(name: str, model, inputs: dict, last, pooled, hidden, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    # Small, so that gradients are below 1 and an absolute tolerance of 1e-5 is above float32's rounding.
    cotangent = 0.02 * torch.randn(last.shape, generator=generator)
    pooled_cotangent = 0.02 * torch.randn(pooled.shape, generator=generator)
    loss = (last * cotangent).sum() + (pooled * pooled_cotangent).sum()
    loss.backward()
    numbers = {f"input.{k}": v for k, v in inputs.items()}
    numbers |= {f"hidden.{i}": h for i, h in enumerate(hidden)}
    numbers |= {
        "last_hidden_state": last, "pooled": pooled, "loss": loss,
        "cotangent.last_hidden_state": cotangent, "cotangent.pooled": pooled_cotangent,
    }
    save_file({k: v.detach().clone().contiguous() for k, v in numbers.items()}, HERE / f"{name}.safetensors")
    gradients = {k: p.grad.contiguous() for k, p in model.named_parameters()}
    save_file(gradients, HERE / f"{name}-gradients.safetensors")


def clip(name: str, config: CLIPVisionConfig, seed: int) -> CLIPVisionModel:
    model = randomize(CLIPVisionModel(config), seed)
    size = config.image_size
    pixels = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(seed + 1))
    output = model(pixel_values=pixels, output_hidden_states=True)
    write_numbers(
        name, model, {"pixel_values": pixels}, output.last_hidden_state, output.pooler_output,
        output.hidden_states, seed + 2)
    return model


def make_clip() -> None:
    a_config = CLIPVisionConfig(
        image_size=32, patch_size=8, hidden_size=24, intermediate_size=48, num_hidden_layers=3,
        num_attention_heads=4, hidden_act="quick_gelu")
    a = clip("clip-a", a_config, 10)
    write_folder("clip-a", a_config, a.state_dict())
    leveled = {f"vision_model.{k}": v for k, v in a.state_dict().items()}
    leveled["vision_model.embeddings.position_ids"] = torch.arange(17).unsqueeze(0)
    write_folder("clip-a-leveled", a_config, leveled)

    b_config = CLIPVisionConfig(
        image_size=30, patch_size=10, hidden_size=24, intermediate_size=36, num_hidden_layers=2,
        num_attention_heads=3, hidden_act="gelu", layer_norm_eps=1e-6)
    b = clip("clip-b", b_config, 20)
    write_folder("clip-b", b_config, b.state_dict())
    write_folder("clip-b-random", b_config, None)
    text = dict(
        vocab_size=12, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=6, projection_dim=4, eos_token_id=2, bos_token_id=0, pad_token_id=1)
    whole_config = CLIPConfig(
        text_config=text, vision_config=b_config.to_dict() | {"projection_dim": 4}, projection_dim=4)
    whole = randomize(CLIPModel(whole_config), 30)
    vision = whole.vision_model
    vision.load_state_dict(b.state_dict())
    state = whole.state_dict()
    state["text_model.embeddings.position_ids"] = torch.arange(6).unsqueeze(0)
    state["vision_model.embeddings.position_ids"] = torch.arange(10).unsqueeze(0)
    fields = whole_config.to_dict() | {"architectures": ["CLIPModel"]}
    write_folder("clip-b-whole", fields, state, as_bin=True)


def make_bert() -> None:
    config = BertConfig(
        vocab_size=48, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=20, type_vocab_size=2)
    whole = randomize(BertForPreTraining(config), 40)
    model: BertModel = whole.bert
    ids = torch.tensor([
        [2, 11, 5, 30, 47, 3, 0, 0], [2, 7, 8, 9, 10, 12, 13, 3], [2, 3, 0, 0, 0, 0, 0, 0],
    ])
    mask = (ids != 0).long()
    output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    write_numbers(
        "bert", model, {"input_ids": ids, "attention_mask": mask}, output.last_hidden_state,
        output.pooler_output, output.hidden_states, 41)

    plain = {k: v.contiguous() for k, v in model.state_dict().items()}
    write_folder("bert-plain", config.to_diff_dict() | {"architectures": ["BertModel"]}, plain)
    headless = {k: v for k, v in plain.items() if not k.startswith("pooler.")}
    write_folder(
        "bert-headless", config.to_diff_dict() | {"architectures": ["BertForMaskedLM"]},
        {f"bert.{k}": v for k, v in headless.items()})

    def old_name(name: str) -> str:
        if "LayerNorm" in name:
            name = name.replace(".weight", ".gamma").replace(".bias", ".beta")
        return name

    heads = {
        k: v for k, v in whole.state_dict().items()
        if k.startswith("cls.") and not k.startswith("cls.predictions.decoder")
    }
    prefixed = {f"bert.{k}": v for k, v in plain.items()} | heads
    prefixed["bert.embeddings.position_ids"] = torch.arange(20).unsqueeze(0)
    write_folder(
        "bert-prefixed", config.to_diff_dict() | {"architectures": ["BertForMaskedLM"]},
        {old_name(k): v for k, v in prefixed.items()})


def synthetic_image(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    base = 3 * y * y + 5 * x + (x * y) // 16
    return np.stack([(base + 37 * c) % 256 for c in range(3)], -1).astype(np.uint8)


def sampled(count: int) -> list[int]:
    """About 18 positions, the first and the last among them."""
    return sorted({*range(0, count, max(1, count // 18)), count - 1})


def make_images() -> None:
    processors = {
        "clip": {  # as published for clip-vit-base-patch32 today
            "crop_size": {"height": 224, "width": 224}, "do_center_crop": True, "do_convert_rgb": True,
            "do_normalize": True, "do_rescale": True, "do_resize": True,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711], "image_processor_type": "CLIPImageProcessor",
            "resample": 3, "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 224},
        },
        "clip-legacy": {  # as first published: plain integers, no rescaling keys
            "crop_size": 224, "do_center_crop": True, "do_normalize": True, "do_resize": True,
            "feature_extractor_type": "CLIPFeatureExtractor",
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 224,
        },
        "crop-64": {
            "crop_size": {"height": 64, "width": 64}, "do_resize": True, "do_center_crop": True,
            "do_normalize": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.25, 0.125],
            "resample": 3, "size": {"shortest_edge": 72},
        },
        "bilinear-box": {  # a fixed size, then a crop that is wider than it: padded with zeros
            "crop_size": {"height": 24, "width": 40}, "do_resize": True, "do_center_crop": True,
            "do_normalize": True, "image_mean": [0.0, 0.0, 0.0], "image_std": [1.0, 1.0, 1.0],
            "resample": 2, "size": {"height": 30, "width": 33},
        },
        "crop-alone": {  # no resizing: larger frames are cropped, smaller ones padded
            "crop_size": {"height": 61, "width": 64}, "do_resize": False, "do_center_crop": True,
            "do_normalize": False, "do_rescale": True,
        },
    }
    sizes = [(640, 480), (480, 640), (96, 96), (225, 224), (50, 37), (224, 224), (321, 97)]
    listing, arrays, floats = {}, {}, {}
    for name, settings in processors.items():
        processor = CLIPImageProcessorPil(**settings)
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
        listing[name] = {
            "preprocessor_config": settings, "output": list(raw.shape), "rows": rows, "columns": columns,
        }
    fields = {"sizes": [list(s) for s in sizes], "processors": listing}
    (HERE / "images.json").write_text(json.dumps(fields) + "\n")
    save_file(arrays, HERE / "images.safetensors")
    save_file(floats, HERE / "images-normalized.safetensors")


def check_that_transformers_agrees() -> None:
    """Every folder with weights, read by transformers, gives the numbers written."""
    for folder in sorted(p.parent for p in HERE.glob("*/config.json")):
        if folder.name == "clip-b-random":
            continue
        family = CLIPVisionModel if folder.name.startswith("clip") else AutoModel
        extra = {"add_pooling_layer": False} if folder.name == "bert-headless" else {}
        model = family.from_pretrained(folder, **extra).eval()
        name = "bert" if family is AutoModel else folder.name[:6]
        numbers = load_file(HERE / f"{name}.safetensors")
        inputs = {k[6:]: v for k, v in numbers.items() if k.startswith("input.")}
        with torch.no_grad():
            output = model(**inputs)
        torch.testing.assert_close(output.last_hidden_state, numbers["last_hidden_state"])
        if not extra:
            torch.testing.assert_close(output.pooler_output, numbers["pooled"])


if __name__ == "__main__":
    make_clip()
    make_bert()
    make_images()
    check_that_transformers_agrees()
    for path in sorted(HERE.rglob("*")):
        if path.is_file():
            assert path.stat().st_size < 100_000, path
            print(f"{path.stat().st_size:7d} {path.relative_to(HERE)}")
