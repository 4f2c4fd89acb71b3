"""Writes a folder for each family, and for each real vocabulary that a package here ships, with
tokenizer.json, 6,000 hard texts and hashes of what the Python library makes of them.

The test `everyTextOfTheFullCheck` runs it with the Python that RECAP_TOKENIZERS_PYTHON names.
Tried with tokenizers 0.23.3. Run: python full_check.py FOLDER
"""

import json
import pathlib
import sys

from tokenizers import Tokenizer

from corpus import corpus
from expected import expected
from real_vocabularies import VOCABULARIES

HERE = pathlib.Path(__file__).resolve().parent


def write(folder, tokenizer, texts):
    folder.mkdir(parents=True)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "expected.json").write_text(json.dumps(expected(tokenizer, texts, 500)))


def main():
    out = pathlib.Path(sys.argv[1])
    texts = corpus(21, 6000)
    out.mkdir(parents=True, exist_ok=True)
    (out / "texts.json").write_text(json.dumps(texts))
    for path in sorted((HERE / "families").glob("*/tokenizer.json")):
        write(out / path.parent.name, Tokenizer.from_file(str(path)), texts)
    for name, make in VOCABULARIES.items():
        tokenizer = make()
        if tokenizer is None:
            print(f"{name}: its package is not here")
        else:
            write(out / f"real-{name}", tokenizer, texts)


main()
