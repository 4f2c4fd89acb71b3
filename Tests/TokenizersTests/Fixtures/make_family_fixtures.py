"""Writes families/NAME/: a small tokenizer.json of each family, and hashes of what the Python library
makes of the texts of corpus.json with it.

Made with tokenizers 0.23.3 and sentencepiece 0.2.3. Run: python make_family_fixtures.py [NAME…]
(Training breaks ties by chance: another run writes other vocabularies, and the hashes that go with
them.)
"""

import json
import pathlib
import sys

from corpus import WORDS, corpus
from expected import expected
from families import FAMILIES

HERE = pathlib.Path(__file__).resolve().parent


def main():
    texts = json.loads((HERE / "corpus.json").read_text(encoding="utf-8"))
    training = corpus(8, 2000) + WORDS * 20
    for name in sys.argv[1:] or FAMILIES:
        tokenizer = FAMILIES[name](training)
        folder = HERE / "families" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, value in [("tokenizer", json.loads(tokenizer.to_str())),
                            ("expected", expected(tokenizer, texts, 100))]:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            (folder / f"{file}.json").write_text(text, encoding="utf-8")
            assert len(text.encode()) < 100_000, (name, file)


main()
