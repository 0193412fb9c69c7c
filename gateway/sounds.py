"""Whether bytes are a sound recording, by walking through the container to its end.

A few bytes of signature prove nothing: each reader follows the lengths that the file states and
says yes only when they lead through all of it. MP3, M4A, Ogg, WAV and AMR: what telephones and
recorders make.
"""

import struct
from collections.abc import Iterator

_AMR_SIZES = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
_MP3_RATES = (
    (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_MP3_SAMPLES = {0b11: (44100, 48000, 32000), 0b10: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_ID3_TAIL = 128
_M4A_BRANDS = (b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"3gp4", b"3gp5", b"3gp6")


def media_type(data: bytes) -> str | None:
    """The media type of a whole recording; None for anything else or a broken one."""
    for kind, is_one in _READERS:
        if is_one(data):
            return kind
    return None


def _is_wav(data: bytes) -> bool:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return False
    at, end, names = 12, 12, []
    while at + 8 <= len(data):
        names.append(data[at : at + 4])
        length = struct.unpack_from("<I", data, at + 4)[0]
        # An odd chunk is padded, and some recorders forget the last pad.
        end = at + 8 + length
        at = end + length % 2
    return end <= len(data) <= at and names[:1] == [b"fmt "] and b"data" in names


def _is_ogg(data: bytes) -> bool:
    at, pages = 0, 0
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        segments = data[at + 26]
        at += 27 + segments + sum(data[at + 27 : at + 27 + segments])
        pages += 1
    heads = (b"OpusHead", b"vorbis", b"Speex", b"FLAC")
    return pages > 1 and at == len(data) and any(head in data[:80] for head in heads)


def _is_amr(data: bytes) -> bool:
    head = b"#!AMR\n"
    if not data.startswith(head) or len(data) == len(head):
        return False
    at = len(head)
    while at < len(data):
        size = _AMR_SIZES[data[at] >> 3 & 0xF]
        if data[at] & 0b10000011:
            return False
        at += 1 + size
    return at == len(data)


def _is_m4a(data: bytes) -> bool:
    boxes = dict(_boxes(data))
    brand = data[8:12]
    whole = boxes.get(b"end") is not None and b"moov" in boxes and b"mdat" in boxes
    moov = boxes.get(b"moov") or b""
    return (
        data[4:8] == b"ftyp"
        and brand in _M4A_BRANDS
        and whole
        and (b"soun" in moov and b"vide" not in moov)
    )


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Top-level boxes; then `end`, when they fill the file exactly."""
    at = 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if length == 1 and at + 16 <= len(data):
            length = struct.unpack_from(">Q", data, at + 8)[0]
        if length == 0:
            length = len(data) - at
        if length < 8 or at + length > len(data):
            return
        yield name, data[at : at + length] if name == b"moov" else b""
        at += length
    if at == len(data):
        yield b"end", b""


def _is_mp3(data: bytes) -> bool:
    at = _after_id3(data)
    end = len(data) - (_ID3_TAIL if data[-_ID3_TAIL : -_ID3_TAIL + 3] == b"TAG" else 0)
    frames = 0
    while at < end:
        size = _mp3_frame(data[at : at + 4])
        if size is None:
            break
        at += size
        frames += 1
    # Recorders that were cut off leave a last frame short.
    return frames >= 3 and at >= end


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    a, b, c, d = data[6:10]
    return 10 + ((a & 0x7F) << 21 | (b & 0x7F) << 14 | (c & 0x7F) << 7 | (d & 0x7F))


def _mp3_frame(head: bytes) -> int | None:
    """The length of a frame of MPEG audio, layer II or III; None when this is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer not in (2, 3) or rate in (0, 15) or sampling == 3:
        return None
    kbits = _MP3_RATES[(layer - 1) if version == 3 else 4][rate]
    factor = 144 if version == 3 or layer == 2 else 72
    return factor * kbits * 1000 // _MP3_SAMPLES[version][sampling] + (head[2] >> 1 & 1)


_READERS = (
    ("audio/wav", _is_wav),
    ("audio/ogg", _is_ogg),
    ("audio/amr", _is_amr),
    ("audio/mp4", _is_m4a),
    ("audio/mpeg", _is_mp3),
)
