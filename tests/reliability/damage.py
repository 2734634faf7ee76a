"""What happens to files: `damaged` returns other bytes than it is given."""

import numpy as np


def damaged(content: bytes, random: np.random.Generator) -> tuple[bytes, str]:
    """The content after one mishap, and what that was."""
    if not content:
        return b"\0", "a byte in an empty file"
    while True:
        result, said = _mishap(content, random)
        if result != content:
            return result, said


def _mishap(content: bytes, random: np.random.Generator) -> tuple[bytes, str]:
    size = len(content)
    at, length = int(random.integers(size)), int(random.integers(1, max(2, size // 4)))
    before, hit, after = content[:at], content[at : at + length], content[at + length :]
    noise = random.integers(0, 256, len(hit), dtype=np.uint8).tobytes()
    tail = max(1, size // 10)
    mishaps = (
        (before, f"cut at {at} of {size}"),
        (_flipped(content, [at], random), f"a bit of byte {at} of {size} flipped"),
        (_flipped(content, random.integers(size, size=8).tolist(), random), "8 bits flipped"),
        (before + bytes(len(hit)) + after, f"{len(hit)} zeros at {at} of {size}"),
        (before + after, f"{len(hit)} bytes lost at {at} of {size}"),
        (before + hit + hit + after, f"{len(hit)} bytes twice at {at} of {size}"),
        (before + noise + after, f"{len(hit)} random bytes at {at} of {size}"),
        (content[:-tail] + bytes(tail), f"the last {tail} of {size} bytes are zeros"),
    )
    return mishaps[int(random.integers(len(mishaps)))]


def _flipped(content: bytes, places: list[int], random: np.random.Generator) -> bytes:
    result = bytearray(content)
    for place in places:
        result[place] ^= 1 << int(random.integers(8))
    return bytes(result)
