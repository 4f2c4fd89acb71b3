"""Writes a ViT-B/32- and a BERT-base-shaped pair of encoders with random weights, as model folders.

    python make_encoders.py DIR [--tiny]

DIR/vision (config.json, preprocessor_config.json, model.safetensors) and DIR/text (config.json,
model.safetensors, vocab.txt, tokenizer.json); DIR/vision-expected.safetensors and
DIR/text-expected.safetensors hold inputs and outputs of the two, to compare with.
`--tiny` makes them small, to try the benchmarks out.
"""

import argparse
import json
import string
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, BertTokenizerFast, CLIPVisionConfig, CLIPVisionModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

VOCABULARY = 30522
WORDS = """the a an of to in on and with from into pick place push pull open close grasp grip lift lower move
turn rotate put take slide insert stack pour wipe fold press reach hand left right front back up down red green
blue yellow black white block cube ball bottle cup bowl box drawer door table robot arm object target goal t
shape small large slowly gently quickly then until stop start done""".split()


def vocabulary() -> list[str]:
    """BERT's first 104 entries, characters and their continuations, a few words, then unused entries."""
    entries = ["[PAD]", *(f"[unused{i}]" for i in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = [c for c in string.printable if c.isprintable() and c != " " and not c.isupper()]
    entries += [*characters, *(f"##{c}" for c in characters if c.isalnum())]
    entries += [w for w in WORDS if w not in characters] + ["##s", "##ing", "##ed"]
    entries = list(dict.fromkeys(entries))
    return entries + [f"[unused{i}]" for i in range(99, 99 + VOCABULARY - len(entries))]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiny", action="store_true")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    small = dict(num_hidden_layers=2, num_attention_heads=2, intermediate_size=32) if arguments.tiny else {}
    width = dict(hidden_size=24, **small) if arguments.tiny else {}
    vision_folder, text_folder = arguments.folder / "vision", arguments.folder / "text"

    vision = CLIPVisionModel(CLIPVisionConfig(**width)).eval()  # the defaults are ViT-B/32's
    vision.save_pretrained(vision_folder)
    settings = CLIPImageProcessorPil().to_dict()
    settings = {k: v for k, v in settings.items() if v is not None and not k.startswith("_")}
    settings["image_processor_type"] = "CLIPImageProcessor"
    (vision_folder / "preprocessor_config.json").write_text(json.dumps(settings, indent=1) + "\n")

    text = BertModel(BertConfig(vocab_size=VOCABULARY, **width)).eval()  # the defaults are BERT-base's
    text.save_pretrained(text_folder)
    (text_folder / "vocab.txt").write_text("\n".join(vocabulary()) + "\n")
    tokenizer = BertTokenizerFast(vocab=str(text_folder / "vocab.txt"), do_lower_case=True)
    tokenizer.save_pretrained(text_folder)

    with torch.no_grad():
        pixels = torch.randn(2, 3, 224, 224)
        output = vision(pixel_values=pixels)
        save_file({
            "pixel_values": pixels, "last_hidden_state": output.last_hidden_state.contiguous(),
            "pooled": output.pooler_output,
        }, arguments.folder / "vision-expected.safetensors")
        tokens = tokenizer(
            ["Pick up the red block.", "Push it!"], padding=True, return_tensors="pt")
        inputs = {k: tokens[k] for k in ("input_ids", "attention_mask")}
        output = text(**inputs)
        save_file({
            **inputs, "last_hidden_state": output.last_hidden_state, "pooled": output.pooler_output,
        }, arguments.folder / "text-expected.safetensors")


if __name__ == "__main__":
    main()
