"""What the Python library makes of texts, as one short hash for each: ids, types, tokens, offsets,
words, special ones, and the text decoded without and with special tokens."""

import zlib

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CUTS = [(9, "right"), (16, "right"), (9, "left"), (16, "left")]


def short(text):
    value = zlib.crc32(text.encode())
    return "".join(ALPHABET[value >> 6 * place & 63] for place in range(6))


def numbers(values):
    return ",".join("" if v is None else str(v) for v in values)


def spelled(encoding):
    """Mirrors `Fixture.spelled` in Swift."""
    offsets = [number for pair in encoding.offsets for number in pair]
    return "|".join([
        numbers(encoding.ids), numbers(encoding.type_ids), "\0".join(encoding.tokens),
        numbers(offsets), numbers(encoding.word_ids), numbers(encoding.special_tokens_mask)])


def expected(tokenizer, texts, pairs):
    """The hashes of every text alone, and of the first ones in pairs, whole and cut."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    single = []
    for text in texts:
        encoding = tokenizer.encode(text)
        single.append(short("|".join([
            spelled(encoding), tokenizer.decode(encoding.ids),
            tokenizer.decode(encoding.ids, skip_special_tokens=False)])))
    both = list(zip(texts[:pairs], texts[pairs:2 * pairs]))
    paired = [short(spelled(tokenizer.encode(a, b))) for a, b in both]
    cut = []
    for length, side in CUTS:
        tokenizer.enable_truncation(length, direction=side)
        cut += [short(spelled(tokenizer.encode(a, b))) for a, b in both]
    tokenizer.no_truncation()
    return {"single": "".join(single), "pairs": "".join(paired), "cuts": "".join(cut)}
