"""Writes merges/NAME/: vocab.json and merges.txt of a family's small tokenizer, and hashes of what the
tokenizer makes of the texts of corpus.json that transformers builds from the two.

Made with tokenizers 0.23.3 and transformers 5.23.0, after make_family_fixtures.py.
Run: python make_merges_fixtures.py
"""

import json
import pathlib

from transformers import CLIPTokenizer, GPT2Tokenizer, Qwen2Tokenizer, RobertaTokenizer

from expected import expected

HERE = pathlib.Path(__file__).resolve().parent
CLASSES = {
    "clip": (CLIPTokenizer, {}), "gpt2": (GPT2Tokenizer, {"add_prefix_space": True}),
    "qwen2": (Qwen2Tokenizer, {"pad_token": "<pad>"}), "roberta": (RobertaTokenizer, {}),
}


def main():
    texts = json.loads((HERE / "corpus.json").read_text(encoding="utf-8"))
    for name, (kind, options) in CLASSES.items():
        model = json.loads((HERE / "families" / name / "tokenizer.json").read_text())["model"]
        folder = HERE / "merges" / name
        folder.mkdir(parents=True, exist_ok=True)
        vocabulary = model["vocab"]
        if name in ("gpt2", "qwen2"):
            vocabulary["<|endoftext|>"] = len(vocabulary)
        if name == "roberta":
            vocabulary["<mask>"] = len(vocabulary)
        text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":"))
        (folder / "vocab.json").write_text(text, encoding="utf-8")
        lines = ["#version: 0.2"] + [" ".join(merge) for merge in model["merges"]]
        (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        configuration = {"tokenizer_class": kind.__name__, **options}
        (folder / "tokenizer_config.json").write_text(json.dumps(configuration) + "\n")
        tokenizer = kind.from_pretrained(folder).backend_tokenizer
        text = json.dumps(expected(tokenizer, texts, 50), separators=(",", ":"))
        (folder / "expected.json").write_text(text)


main()
