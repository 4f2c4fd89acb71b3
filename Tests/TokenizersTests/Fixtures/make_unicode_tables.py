"""Writes Sources/Tokenizers/UnicodeData.swift: how the `tokenizers` library sees every scalar.

The library's parts carry Unicode tables of different ages, so nothing is taken from a Unicode
version: each table is what the library itself answers for each of the 1,112,064 scalars.
Made with tokenizers 0.23.3 and sentencepiece 0.2.3. Run: python make_unicode_tables.py
"""

import base64
import pathlib
import unicodedata

from tokenizers import Regex, __version__, normalizers, pre_tokenizers

from charsmap import compiled

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
SCRIPTS = ["Arabic", "Cyrillic", "Greek", "Han", "Hangul", "Hebrew", "Hiragana", "Katakana", "Latin",
           "Thai"]
HANGUL = range(0xAC00, 0xD7A4)


def varint(value):
    """Base 32, least significant digit first; a digit of the alphabet's upper half goes on."""
    text = ""
    while value >= 32:
        text += ALPHABET[32 + value % 32]
        value //= 32
    return text + ALPHABET[value]


def signed(value):
    return varint(value * 2 if value >= 0 else -value * 2 - 1)


def coded_set(scalars):
    """Pairs: the gap since the last range's end, the range's length less one."""
    text, end, members = "", 0, sorted(scalars)
    index = 0
    while index < len(members):
        start = last = members[index]
        while index + 1 < len(members) and members[index + 1] == last + 1:
            index += 1
            last += 1
        text += varint(start - end) + varint(last - start)
        end = last + 1
        index += 1
    return text


def coded_map(mapping):
    """Per key: the gap since the last key, the count of targets, each target's difference from
    the target at the same place one key before."""
    text, end, before = "", 0, []
    for key in sorted(mapping):
        targets = mapping[key]
        text += varint(key - end) + varint(len(targets))
        for place, target in enumerate(targets):
            text += signed(target - (before[place] if place < len(before) else 0))
        before = targets + before[len(targets):]
        end = key + 1
    return text


def changed(normalizer, skip=()):
    outputs = ((c, normalizer.normalize_str(chr(c))) for c in SCALARS if c not in skip)
    return {c: [ord(x) for x in text] for c, text in outputs if text != chr(c)}


def pieces(pre_tokenizer, count):
    split = pre_tokenizer.pre_tokenize_str
    return {c for c in SCALARS if len(split(f"a{chr(c)}a")) == count}


def combining_classes(nfd):
    """Two marks are reordered when the second has a lower class that is not 0; one mark for each
    class, in ascending order, is found first, then every mark is placed between them."""
    def reorders(first, second):
        text = "a" + chr(first) + chr(second)
        return first != second and nfd.normalize_str(text) == "a" + chr(second) + chr(first)

    highest = 0x345  # class 240, the highest there is
    marks = [c for c in SCALARS if c == highest or reorders(highest, c)]
    references = {}
    for c in marks:
        references.setdefault(unicodedata.combining(chr(c)), c)
    references.pop(0, None)
    classes = {}
    for c in marks:
        above = [k for k in sorted(references) if reorders(references[k], c)]
        lower = [k for k in sorted(references) if k not in above]
        classes[c] = lower[-1]
        assert above == [k for k in sorted(references) if k > lower[-1]]
    return classes


def matched(pattern, beside="!"):
    """What the regular expressions of Split hold for a class of characters."""
    split = pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str
    return {c for c in SCALARS if len(split(f"{beside}{chr(c)}{beside}")) == 2}


def graphemes():
    """Which scalars join a scalar before them, stand alone, or join the one after them, as far as
    Precompiled can tell: it takes a whole grapheme of less than 6 bytes for its first rule."""
    bmp = [c for c in SCALARS if 0 < c < 0x10000 and c != 9601]
    rule = normalizers.Precompiled(base64.b64decode(compiled({"a": "X"})))
    joins = {c for c in SCALARS if c and rule.normalize_str("a" + chr(c)) == "X"}
    alone, before = set(), set()
    for start in range(0, len(bmp), 4096):
        part = bmp[start:start + 4096]
        rule = normalizers.Precompiled(
            base64.b64decode(compiled({chr(c): "X" for c in part if chr(c) not in "Xb\u0301"})))
        alone |= {c for c in part if rule.normalize_str(chr(c) + "\u0301") == "X\u0301"}
        before |= {c for c in part if c not in joins and rule.normalize_str(chr(c) + "b") == "X"}
    rest = [c for c in SCALARS if c >= 0x10000 and unicodedata.category(chr(c)) in ("Cf", "Lo", "Mn")]
    for start in range(0, len(rest), 4096):
        part = rest[start:start + 4096]
        rule = normalizers.Precompiled(
            base64.b64decode(compiled({chr(c): "X" for c in part})))
        before |= {c for c in part if c not in joins and rule.normalize_str(chr(c) + "b") == "X"}
    return joins, alone, before


def main():
    bert = normalizers.BertNormalizer
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    cleaned = changed(bert(**{**off, "clean_text": True}))
    stripped = changed(bert(**{**off, "strip_accents": True}))
    nfd = changed(normalizers.NFD(), skip=HANGUL)
    nfkd = changed(normalizers.NFKD(), skip=HANGUL)
    nfc = changed(normalizers.NFC())
    lower = changed(normalizers.Lowercase())
    assert all(t in ([], [32]) for t in cleaned.values())
    spaces = pieces(pre_tokenizers.WhitespaceSplit(), 2)
    assert {c for c, t in cleaned.items() if t == [32]} | {32} <= spaces | {32}
    classes = combining_classes(normalizers.NFD())

    assert spaces == matched(r"\s")
    joins, alone, before = graphemes()

    tables = {
        "control": coded_set(c for c, t in cleaned.items() if t == []),
        "whitespace": coded_set(spaces),
        "punctuation": coded_set(pieces(pre_tokenizers.BertPreTokenizer(), 3)),
        "word": coded_set(pieces(pre_tokenizers.Whitespace(), 1)),
        "nonspacingMark": coded_set(c for c, t in stripped.items() if t == []),
        "mark": coded_set(c for c, t in changed(normalizers.StripAccents()).items()),
        "letter": coded_set(matched(r"\p{L}")),
        "number": coded_set(matched(r"\p{N}")),
        "regexMark": coded_set(matched(r"\p{M}")),
        **{f"regex{name}": coded_set(matched(rf"\p{{{name}}}", "a" if name in ("Nd", "P", "S") else "!"))
           for name in ["Lu", "Ll", "Lt", "Lm", "Nd", "P", "S"] + SCRIPTS},
        "numeric": coded_set(pieces(pre_tokenizers.Digits(), 3)),
        "graphemeJoin": coded_set(joins),
        "graphemeAlone": coded_set(alone),
        "graphemeBefore": coded_set(before),
        "combiningClass": coded_map({c: [k] for c, k in classes.items()}),
        "lowercase": coded_map({c: t for c, t in lower.items()}),
        "canonicalDecomposition": coded_map(nfd),
        "compatibilityDecomposition": coded_map(
            {c: t for c, t in nfkd.items() if t != nfd.get(c)}),
        "compositionExclusion": coded_set(c for c in nfd if c in nfc),
    }
    lines = [
        f"// Written by make_unicode_tables.py from what tokenizers {__version__} answers; "
        "not to be edited.",
        "",
        "/// Sets and maps of Unicode scalars, coded as `UnicodeTables` reads them.",
        "enum UnicodeData {",
    ]
    for name, text in tables.items():
        print(name, len(text))
        lines.append(f'  static let {name}: StaticString = """')
        width = 94
        rows = [text[i:i + width] for i in range(0, len(text), width)]
        lines += ["    " + row + "\\" for row in rows[:-1]] + ["    " + rows[-1], '    """']
    lines.append("}")
    folder = pathlib.Path(__file__).resolve().parents[3]
    (folder / "Sources/Tokenizers/UnicodeData.swift").write_text("\n".join(lines) + "\n")


main()
