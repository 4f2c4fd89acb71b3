"""A small tokenizer for each family of models, built of the parts that the family's files name."""

import base64
import collections
import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

from charsmap import compiled

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN35 = QWEN2.replace(r"\p{L}+", r"[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]",
                                                            r"[^\s\p{L}\p{M}\p{N}]")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
CLIP = (r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|"
        r"[^\s\p{L}\p{N}]+")
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
DEEPSEEK = [
    r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"""
    r""" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""]
SIGLIP_PUNCTUATION = r"""[!"\#\$%\&'\(\)\*\+,\-\.:;=\?@\[\\\]\^_`\{\|\}\~]"""

# Some of what SentencePiece's nmt_nfkc does, and what makes its oddities show.
RULES = {
    "\x0a": " ", "\x09": " ", "\x0d": " ", "\u00a0": " ", "\u3000": " ", "\u2003": " ",
    "\u200b": " ", "\ufeff": " ", "\x01": "", "\x0b": "", "\x7f": "", "\ufb01": "fi",
    "\u2460": "1", "\u00bd": "1\u20442", "\u337f": "\u682a\u5f0f\u4f1a\u793e",
    "\u00e9": "e\u0301", "e\u0301": "\u00e9", "\uff9e": "\u3099", "\uff76\uff9e": "\u30ac",
    "\uff76": "\u30ab", "\u212b": "\u00c5", "\u2026": "...", "\u200f": "", "\uff21": "A",
    "\uff26": "F", "\uff55": "u", "\uff4c": "l", "\u0600": "N", "\u0300": "", "\u1ffd": "\u00b4",
    "\U0001f916": "robot",
}


def trained_bpe(t, texts, size, **options):
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, **options)
    t.train_from_iterator(texts, trainer)
    return json.loads(t.to_str())["model"]


def bpe(model, **options):
    merges = [tuple(m) for m in model["merges"]]
    return models.BPE(vocab=model["vocab"], merges=merges, **options)


def byte_level(texts, size=620, **options):
    """A vocabulary over all bytes."""
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return trained_bpe(t, texts, size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                       **options)


def gpt2(texts):
    t = Tokenizer(bpe(byte_level(texts)))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(["<|endoftext|>"])
    t.add_tokens([AddedToken("Robot Arm", single_word=True), "<loc>", "  "])
    return t


def roberta(texts):
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    t = Tokenizer(bpe(byte_level(texts, special_tokens=special)))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(special + [AddedToken("<mask>", lstrip=True)])
    return t


def clip(texts, pattern=CLIP):
    special = ["<|startoftext|>", "<|endoftext|>"]
    model = byte_level([s.lower() for s in texts], end_of_word_suffix="</w>",
                       special_tokens=special)
    vocabulary = model["vocab"]
    for token in list(vocabulary):
        if token not in special and len(token) == 1:
            vocabulary.setdefault(token + "</w>", len(vocabulary))
    t = Tokenizer(bpe(model, end_of_word_suffix="</w>", continuing_subword_prefix="",
                      unk_token="<|endoftext|>"))
    t.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Replace("</w>", " ")])
    t.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", 1), ("<|startoftext|>", 0), False, False)
    t.add_special_tokens(special)
    return t


def qwen2(texts, pattern=QWEN2, model=None, **options):
    t = Tokenizer(bpe(model or byte_level(texts), **options))
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    return t


def llama3(texts):
    t = qwen2(texts, LLAMA3, ignore_merges=True)
    t.normalizer = None
    t.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True, add_prefix_space=False),
        processors.TemplateProcessing(
            single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|>:1 $B:1",
            special_tokens=[("<|endoftext|>", t.token_to_id("<|endoftext|>"))])])
    return t


def deepseek(texts):
    t = qwen2(texts)
    t.normalizer = normalizers.Sequence([])
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(p), "isolated") for p in DEEPSEEK]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return t


def fallback(texts, size=800):
    """A SentencePiece-style vocabulary: bytes to fall back to, spaces as ▁."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<0x{b:02X}>" for b in range(256)]
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Replace(" ", "▁")
    t.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    return trained_bpe(t, texts, size, special_tokens=special, limit_alphabet=150)


def gemma(texts):
    t = Tokenizer(bpe(fallback(texts), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Replace(" ", "▁")
    t.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    t.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    t.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)])
    t.add_special_tokens(["<pad>", "<eos>", "<bos>", "<unk>", "<image>"])
    t.add_tokens([AddedToken(s, normalized=False) for s in ["\n\n", "\n\n\n", "▁▁", "▁▁▁", "<loc0001>"]])
    return t


def llama(texts):
    """Spaces by normalizer, without bytes for every character, so that unknown ones are fused."""
    model = fallback(texts)
    for byte in range(0xB0, 0xC0):
        del model["vocab"][f"<0x{byte:02X}>"]
    t = Tokenizer(bpe(model, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A $B:1", special_tokens=[("<bos>", 2)])
    t.add_special_tokens(["<bos>", "<eos>", "<unk>"])
    return t


def llama_first(texts):
    """Spaces by Metaspace, a first one only where the text begins; unknown ones not fused."""
    t = Tokenizer(bpe(fallback(texts), unk_token="<unk>", byte_fallback=False))
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    t.decoder = decoders.Metaspace(prepend_scheme="first")
    t.add_special_tokens(["<bos>", "<eos>", "<unk>", AddedToken("<loc>", normalized=True)])
    return t


def unigram(t, texts, size, special):
    trainer = trainers.UnigramTrainer(
        vocab_size=size, show_progress=False, special_tokens=special, unk_token="<unk>",
        max_piece_length=8)
    frequent = {c for c, _ in collections.Counter("".join(texts)).most_common(200)}
    t.train_from_iterator(
        ["".join(c for c in s if c in frequent) for s in texts if len(s) < 200], trainer)
    model = json.loads(t.to_str())["model"]
    return [(token, round(score, 4)) for token, score in model["vocab"]]


def t5(texts):
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([
        normalizers.Precompiled(base64.b64decode(compiled(RULES))),
        normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")])
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.model = models.Unigram(unigram(t, texts, 700, ["<pad>", "</s>", "<unk>"]), 2, False)
    t.decoder = decoders.Metaspace()
    t.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    t.add_special_tokens(["<pad>", "</s>", "<unk>"])
    t.add_tokens([AddedToken("<extra_id_0>", special=True, normalized=False, lstrip=True, rstrip=True)])
    return t


def xlm_roberta(texts):
    t = t5(texts)
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    t.post_processor = processors.TemplateProcessing(
        single="<pad> $A </s>", pair="<pad> $A </s> </s> $B </s>",
        special_tokens=[("<pad>", 0), ("</s>", 1)])
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=True)])
    return t


def siglip(texts):
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([
        normalizers.Lowercase(), normalizers.Replace(Regex(SIGLIP_PUNCTUATION), ""),
        normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(), normalizers.NFKC()])
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    special = ["<pad>", "</s>", "<unk>"] + [f"<0x{b:02X}>" for b in range(256)]
    t.model = models.Unigram(unigram(t, texts, 900, special), 2, True)
    t.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first")])
    t.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B:1 </s>:1", special_tokens=[("</s>", 1)])
    t.add_special_tokens(["</s>", "<unk>"])
    return t


def words(texts):
    """WordLevel, and parts that few use."""
    t = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    t.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(r"(?<=\d),(?=\d)"), "_")])
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\b[\p{Han}\p{Hiragana}]\w*|[\S--]*?\d{2}" .replace("--", "")),
                             "merged_with_previous"),
        pre_tokenizers.CharDelimiterSplit(" "), pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.FixedLength(4)])
    trainer = trainers.WordLevelTrainer(vocab_size=900, special_tokens=["[UNK]"], show_progress=False)
    t.train_from_iterator(texts, trainer)
    t.decoder = decoders.CTC(pad_token="e", word_delimiter_token="a")
    return t


def partial(texts):
    """Byte-level without a symbol for every byte, which therefore loses some."""
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    model = trained_bpe(t, texts[:60], 200)
    t = Tokenizer(bpe(model))
    t.normalizer = normalizers.NFKD()
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex("[aeiou]"), "contiguous"),
        pre_tokenizers.ByteLevel(add_prefix_space=True)])
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.Sequence(
        [processors.BertProcessing(("Ġ", 3), ("!", 0)), processors.ByteLevel(trim_offsets=True)])
    return t


def word_ends(texts):
    """BPE over characters with a prefix, a suffix and an unknown token."""
    t = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>",
                             continuing_subword_prefix="@@"))
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    model = trained_bpe(t, texts, 700, special_tokens=["<unk>"], end_of_word_suffix="</w>",
                        continuing_subword_prefix="@@", limit_alphabet=120)
    t = Tokenizer(bpe(model, unk_token="<unk>", end_of_word_suffix="</w>",
                      continuing_subword_prefix="@@", fuse_unk=False))
    t.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.BPEDecoder()
    return t


def bloom(texts):
    """A class within a class, and other parts that byte-level families put together."""
    t = qwen2(texts, " ?[^(\\s|[.,!?…。，、।۔،])]+")
    t.normalizer = None
    t.pre_tokenizer = pre_tokenizers.Sequence([
        t.pre_tokenizer, pre_tokenizers.Digits(), pre_tokenizers.Split("Ġ", "merged_with_previous"),
        pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "removed"),
        pre_tokenizers.Split("e", "merged_with_next", invert=True)])
    return t


FAMILIES = {
    "gpt2": gpt2, "roberta": roberta, "clip": clip, "qwen2": qwen2,
    "qwen3.5": lambda texts: qwen2(texts, QWEN35), "llama3": llama3,
    "o200k": lambda texts: qwen2(texts, O200K), "deepseek": deepseek, "gemma": gemma,
    "llama": llama, "llama-first": llama_first, "t5": t5, "xlm-roberta": xlm_roberta,
    "siglip": siglip, "bloom": bloom, "words": words, "partial": partial, "word-ends": word_ends,
}
