"""Texts that are hard to tokenise: every Unicode plane, marks, emoji, right-to-left text, controls,
white space, long words, special tokens, and random bytes read as UTF-8."""

import random

WORDS = (
    "the robot picks up a red block and places it on the table bottle gripper moves left slowly "
    "then opens drawer’s isn't don't U.S.A. 3.14 1,000 e-mail naïve café Zürich Straße ﬁne "
    "İstanbul ΑΣ ὈΔΥΣΣΕΎΣ Ωμέγα Robot Arm ``quoted'' <loc> <LOC> keepcase"
).split()
MARKS = [
    *range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x93C, 0x94D, 0x1DC0, 0x20D0,
    0x20E3, 0x302A, 0x3099, 0xFE00, 0xFE0F, 0x1D165, 0x1D16D, 0xE0100, 0x1ABF, 0x8D3,
]
BLOCKS = [
    (0x20, 0x7E), (0x80, 0x24F), (0x370, 0x5FF), (0x600, 0x8FF), (0x900, 0xDFF), (0xE00, 0x10FF),
    (0x1100, 0x11FF), (0x1200, 0x1FFF), (0x2000, 0x2BFF), (0x2C00, 0x2FFF), (0x3000, 0x33FF),
    (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xE000, 0xFFFF), (0x10000, 0x1FFFF),
    (0x20000, 0x2FFFF), (0x30000, 0x3FFFF), (0x40000, 0xDFFFF), (0xE0000, 0xEFFFF),
    (0xF0000, 0x10FFFF),
]
EMOJI = ["👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☕️", "❤️‍🔥", "🤖", "🧑🏿‍🚀"]
RIGHT_TO_LEFT = ["שָׁלוֹם", "العَرَبِيَّة", "\u200fعربي\u200e", "فارسی\u200cها", "ܐܠܦ"]
ASIAN = ["机器人拿起红色积木", "ロボット", "가나다", "각각", "㐀㐁", "𠀀𪜀𫝀", "豈更", "﨑", "ｶﾞ", "Ｆｕｌｌ"]
SPACES = [
    " ", "\t", "\n", "\r", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\u200b",
    "\ufeff", "\u0085", "\x0b", "\x0c", "\u1680", "\u180e", "\u202f", "\u205f",
]
SPECIALS = ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]"]
CODE = [
    "def f(x):\n    return x**2 != y[0]  # ok", "for (int i = 0; i < n; ++i) { a[i] += 0x1F; }\n",
    "\tif err != nil {\n\t\treturn fmt.Errorf(\"%w\", err)\n\t}\r\n", "let x = ids.map { $0.count } ?? []",
    "<a href='https://example.org/?q=1&b=%20'>", "SELECT * FROM t WHERE id>=100;", "{\"key\": [1,2.5e-3,null]}",
    "$ grep -rn 'foo\\|bar' . | head -n 3", "\\frac{1}{2}\\sum_{i=1}^{n}", "camelCaseWord snake_case_word HTTPServer2",
]
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def corpus(seed, count, longest_word=300):
    r = random.Random(seed)

    def scalar(low, high):
        while True:
            value = r.randint(low, high)
            if not 0xD800 <= value <= 0xDFFF:
                return chr(value)

    def times(low, high, make):
        return "".join(make() for _ in range(r.randint(low, high)))

    def special():
        token = r.choice(SPECIALS)
        word = r.choice(WORDS)
        return r.choice([token, token.lower(), token + word, word + token, f" {token} ",
                         token + token, token[:-1]])

    def block():
        low, high = r.choice(BLOCKS)
        return times(1, 10, lambda: scalar(low, high))

    def marked():
        return times(1, 6, lambda: r.choice("aeiouAEOngÅǖ각가") + times(
            0, 6, lambda: chr(r.choice(MARKS))))

    def control():
        return times(1, 12, lambda: r.choice([
            r.choice(WORDS), chr(r.randint(0, 31)), chr(r.randint(0x7F, 0x9F)), r.choice(SPACES)]))

    def long_word():
        length = r.choice([19, 20, 21, 50, 98, 99, 100, 101, 102, 200, 300])
        return "".join(r.choice("abcdefé机") for _ in range(min(length, longest_word)))

    def random_bytes():
        return bytes(r.randint(0, 255) for _ in range(r.randint(1, 40))).decode("utf-8", "replace")

    kinds = [
        lambda: " ".join(r.choice(WORDS) for _ in range(r.randint(1, 12))), block, block, marked,
        control, special, long_word, lambda: r.choice(EMOJI), lambda: r.choice(RIGHT_TO_LEFT),
        lambda: r.choice(ASIAN), lambda: r.choice(SPACES) * r.randint(1, 5),
        lambda: times(1, 20, lambda: scalar(0, 0x10FFFF)),
        lambda: r.choice(CODE),
        lambda: r.choice(PUNCTUATION) * r.randint(1, 4),
    ]
    texts = ["", " ", "\n\n", "[CLS]", "##a", "a##b"]
    while len(texts) < count:
        if r.random() < 0.2:
            texts.append(random_bytes())
        else:
            separator = r.choice(["", " ", "  "])
            texts.append(separator.join(r.choice(kinds)() for _ in range(r.randint(1, 3))))
    return texts[:count]
