"""Writes wandb-chunks.json: how records of many lengths lie in a W&B log.

An independent writer of the format (LevelDB's log with zlib's CRC-32 and W&B's header), standard
library only. Byte i of record r is (31 i + r) mod 256. Run: python make_fixtures.py
"""

import json
import pathlib
import struct
import zlib

BLOCK = 32768
# The second record ends 7 bytes before a block's end, the fifth 3 bytes, the seventh at its end.
LENGTHS = [77, BLOCK - 7 - 84 - 14, 5, 100_000, 0, 70_000, 0, 1, 40_000]


def place(data, out, chunks):
    first = True
    while first or data:
        room = BLOCK - len(out) % BLOCK
        if room < 7:
            out += bytes(room)
            room = BLOCK
        part, data = data[:room - 7], data[room - 7:]
        kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[
            first, not data]
        checksum = zlib.crc32(bytes([kind]) + part)
        chunks.append([len(out), checksum, len(part), kind])
        out += struct.pack("<IHB", checksum, len(part), kind) + part
        first = False


def main():
    out, chunks = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0)), []
    lengths = []
    for number, length in enumerate(LENGTHS):
        if length == 0:
            # Fill the block but for 3 bytes, or to its end.
            left = 3 if number == 4 else 0
            length = (BLOCK - len(out) % BLOCK) - 7 - left
        lengths.append(length)
        place(bytes((31 * i + number) % 256 for i in range(length)), out, chunks)
    checks = {"lengths": lengths, "chunks": chunks, "size": len(out), "crc": zlib.crc32(out)}
    assert {kind for *_, kind in chunks} == {1, 2, 3, 4}
    assert any(length == 0 for _, _, length, _ in chunks)
    path = pathlib.Path(__file__).resolve().parent / "wandb-chunks.json"
    path.write_text(json.dumps(checks) + "\n")


main()
