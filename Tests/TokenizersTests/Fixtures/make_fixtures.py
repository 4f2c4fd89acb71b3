"""Writes small WordPiece tokenizers and what the Python libraries make of hard texts with them.

Made with tokenizers 0.23.3 and transformers 5.23.0. Run: python make_fixtures.py
(Training breaks ties by chance: another run writes other vocabularies, and the ids that go with
them.)
"""

import json
import pathlib

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers
from transformers import BertTokenizer

from corpus import SPECIALS, WORDS, corpus

HERE = pathlib.Path(__file__).resolve().parent
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def fnv(text):
    """FNV-1a of the UTF-8 bytes, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return f"{value:016x}"


def packed(ids):
    """Two characters an id, most significant first."""
    return "".join(ALPHABET[i // 64] + ALPHABET[i % 64] for i in ids)


def trained(tokenizer, texts, size, prefix="##"):
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIALS, continuing_subword_prefix=prefix,
        limit_alphabet=700, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    # Training does not promise an order; the ids follow the sorted tokens, special ones first.
    tokens = SPECIALS + sorted(set(tokenizer.get_vocab()) - set(SPECIALS))
    return {token: index for index, token in enumerate(tokens)}


def uncased(texts):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.model = models.WordPiece(trained(t, texts, 1500), unk_token="[UNK]")
    t.decoder = decoders.WordPiece()
    t.add_special_tokens(SPECIALS)
    t.add_tokens([
        AddedToken("Robot Arm", normalized=True), AddedToken("<loc>", lstrip=True, rstrip=True),
        AddedToken("keepcase", single_word=True), AddedToken("Straße", normalized=False),
    ])
    cls, sep = t.token_to_id("[CLS]"), t.token_to_id("[SEP]")
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    t.enable_truncation(20)
    t.enable_padding(length=24, pad_id=t.token_to_id("[PAD]"))
    return t


def cased(texts):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=False)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.model = models.WordPiece(
        trained(t, texts, 1500), unk_token="[UNK]", max_input_chars_per_word=20)
    t.decoder = decoders.WordPiece(cleanup=False)
    t.add_special_tokens(SPECIALS)
    t.post_processor = processors.BertProcessing(
        ("[SEP]", t.token_to_id("[SEP]")), ("[CLS]", t.token_to_id("[CLS]")))
    return t


def simple(texts):
    """Everything but BERT's own parts."""
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.NFKD(), normalizers.StripAccents(),
        normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip(),
    ])
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("merged_with_next"),
        pre_tokenizers.WhitespaceSplit()])
    t.model = models.WordPiece(
        trained(t, texts, 1200, "@"), unk_token="[UNK]", continuing_subword_prefix="@")
    t.add_special_tokens([AddedToken(s, lstrip=True) for s in SPECIALS])
    return t


def plain(normalizer=None, pre_tokenizer=None):
    t = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    if normalizer:
        t.normalizer = normalizer
    if pre_tokenizer:
        t.pre_tokenizer = pre_tokenizer
    return t


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path = HERE / name
    path.write_text(text, encoding="utf-8")
    assert path.stat().st_size < 100_000, (name, path.stat().st_size)


def main():
    texts = corpus(7, 1000, longest_word=110)
    training = corpus(8, 2000) + WORDS * 20
    write("corpus.json", texts)
    for name, make in [("uncased", uncased), ("cased", cased), ("simple", simple)]:
        t = make(training)
        write(f"{name}.json", json.loads(t.to_str()))
        stored = t.encode(texts[40]).ids
        t.no_truncation()
        t.no_padding()
        single = [t.encode(s).ids for s in texts]
        pairs = [t.encode(a, b) for a, b in zip(texts[:100], texts[100:200])]
        t.enable_truncation(9)
        cut = [t.encode(a, b).ids for a, b in zip(texts[:100], texts[100:200])]
        t.no_truncation()
        write(f"{name}-ids.json", {
            "single": [packed(ids) for ids in single],
            "decoded": [fnv(t.decode(ids)) for ids in single],
            "decodedWhole": [fnv(t.decode(ids, skip_special_tokens=False)) for ids in single],
            "pair": [packed(p.ids) for p in pairs],
            "pairTypes": ["".join(map(str, p.type_ids)) for p in pairs],
            "cut": [packed(ids) for ids in cut],
            "stored": packed(stored),
            "size": t.get_vocab_size(),
        })

    # BERT's files from before tokenizer.json.
    folder = HERE / "vocab"
    folder.mkdir(exist_ok=True)
    vocabulary = json.loads((HERE / "cased.json").read_text())["model"]["vocab"]
    lines = "".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.get))
    (folder / "vocab.txt").write_text(lines, encoding="utf-8")
    configuration = {"do_lower_case": False, "strip_accents": True,
                     "pad_token": "[MASK]", "tokenizer_class": "BertTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(configuration) + "\n")
    t = BertTokenizer.from_pretrained(folder)
    batch = t(texts[:300], padding=True, truncation=True, max_length=32)
    write("vocab-ids.json", {
        "ids": [packed(row) for row in batch["input_ids"]],
        "mask": ["".join(map(str, row)) for row in batch["attention_mask"]],
    })

    # Every scalar, alone and between others, through each part: one hash a plane and kind.
    kinds = {
        "NFC": plain(normalizers.NFC()), "NFD": plain(normalizers.NFD()),
        "NFKC": plain(normalizers.NFKC()), "NFKD": plain(normalizers.NFKD()),
        "Lowercase": plain(normalizers.Lowercase()),
        "StripAccents": plain(normalizers.StripAccents()),
        "BertNormalizer": plain(normalizers.BertNormalizer()),
    }
    splitters = {
        "BertPreTokenizer": plain(None, pre_tokenizers.BertPreTokenizer()),
        "Whitespace": plain(None, pre_tokenizers.Whitespace()),
    }
    for behavior in ["removed", "isolated", "contiguous", "merged_with_previous",
                     "merged_with_next"]:
        splitters[behavior] = plain(None, pre_tokenizers.Punctuation(behavior))
    tables = {}
    for name, t in {**kinds, **splitters}.items():
        hashes = []
        for plane in range(17):
            scalars = [c for c in range(plane << 16, plane + 1 << 16) if not 0xD800 <= c <= 0xDFFF]
            text = "".join(f"{chr(c)}a{chr(c)}" for c in scalars)
            if name in kinds:
                hashes.append(fnv(t.normalizer.normalize_str(text)))
            else:
                words = t.pre_tokenizer.pre_tokenize_str(text)
                hashes.append(fnv("\0".join(word for word, _ in words)))
        tables[name] = {"tokenizer": json.loads(t.to_str()), "hashes": hashes}
    write("scalars.json", tables)


main()
