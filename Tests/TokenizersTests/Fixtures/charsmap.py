"""Normalisation rules of one's own, compiled by sentencepiece as in T5's and XLM-R's files."""

import base64
import pathlib
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2


def compiled(rules):
    """The base64 text of `precompiled_charsmap` for rules {text: replacement}."""
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "rules.tsv"
        codes = lambda text: " ".join(f"{ord(c):X}" for c in text)
        table.write_text("".join(f"{codes(a)}\t{codes(b)}\n" for a, b in rules.items()))
        return base64.b64encode(_trained(folder, normalization_rule_tsv=str(table))).decode()


def named(name):
    """The base64 text of one of sentencepiece's own sets of rules, such as nmt_nfkc."""
    with tempfile.TemporaryDirectory() as folder:
        return base64.b64encode(_trained(folder, normalization_rule_name=name)).decode()


def _trained(folder, **options):
    prefix = str(pathlib.Path(folder) / "model")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c"] * 10), model_prefix=prefix, vocab_size=8,
        hard_vocab_limit=False, minloglevel=2, **options)
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(pathlib.Path(prefix + ".model").read_bytes())
    return model.normalizer_spec.precompiled_charsmap
