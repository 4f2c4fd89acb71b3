"""Writes 10 MB of text and two tokenizers trained on it: make_tokenizers.py FOLDER [--tiny]

FOLDER/text.txt is Python and prose out of the installed packages, in the order of their names;
FOLDER/wordpiece and FOLDER/bpe hold a tokenizer.json like BERT's and like GPT-2's.
"""

import sys
import sysconfig
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers


def text(size: int) -> str:
    parts, total = [], 0
    packages = Path(sysconfig.get_paths()["purelib"])
    for path in sorted(packages.rglob("*.py")) + sorted(packages.rglob("*.md")):
        try:
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        parts.append(content)
        total += len(content.encode())
        if total >= size:
            break
    return "\n".join(parts).encode()[:size].decode(errors="ignore")


def wordpiece(lines: list[str], size: int) -> Tokenizer:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.train_from_iterator(lines, trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=special, show_progress=False))
    t.decoder = decoders.WordPiece()
    t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return t


def bpe(lines: list[str], size: int) -> Tokenizer:
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    return t


def main() -> None:
    folder, tiny = Path(sys.argv[1]), "--tiny" in sys.argv
    whole = text(200_000 if tiny else 10_000_000)
    folder.mkdir(parents=True)
    (folder / "text.txt").write_text(whole, encoding="utf-8")
    for name, make in [("wordpiece", wordpiece), ("bpe", bpe)]:
        (folder / name).mkdir()
        size = 2_000 if tiny else 30_000
        make(whole.split("\n"), size).save(str(folder / name / "tokenizer.json"))


main()
