"""Every line of a file to ids by the tokenizers library, on one thread: tokenize_text.py TOKENIZER FILE

Prints a JSON line: the seconds of encode_batch (tokens and offsets too) and of encode_batch_fast (ids
alone), how many ids, and their sum as `recap benchmark tokenize` reckons it.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizers import Tokenizer, __version__  # noqa: E402


def main() -> None:
    tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").split("\n")
    start = time.perf_counter()
    encodings = tokenizer.encode_batch(lines)
    seconds = time.perf_counter() - start
    total, tokens = 0, 0
    for encoding in encodings:
        ids = encoding.ids
        tokens += len(ids)
        for token in ids:
            total = (total * 31 + token) & 0xFFFFFFFFFFFFFFFF
    del encodings
    start = time.perf_counter()
    tokenizer.encode_batch_fast(lines)
    fast = time.perf_counter() - start
    print(json.dumps({
        "seconds": fast, "seconds_with_offsets": seconds, "tokens": tokens, "sum": total,
        "version": __version__}))


main()
