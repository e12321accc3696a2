"""A picture is made anew: what its file carried beside it is gone, and what is no picture is said to be none."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.photos import LONGEST_SIDE, NotAPicture, remade


def picture(size: tuple[int, int] = (400, 800), kind: str = "JPEG", **how: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **how)
    return out.getvalue()


def opened(file: bytes) -> Image.Image:
    return Image.open(BytesIO(file))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_screen_comes_out_as_a_jpeg_that_looks_the_same(kind: str) -> None:
    made = opened(remade(picture(kind=kind)))

    assert made.format == "JPEG"
    assert made.size == (400, 800)
    red, green, blue = made.getpixel((200, 400))  # type: ignore[misc]
    assert red > 180
    assert green < 60
    assert blue < 60


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Hãng máy của bác"
    exif[0x8825] = {1: "N", 2: (21.0, 2.0, 3.0)}
    made = remade(picture(exif=exif, comment=b"so can cuoc 001099012345"))

    assert not opened(made).getexif()
    assert b"001099012345" not in made
    assert "Hãng máy".encode() not in made


def test_what_is_hidden_behind_the_picture_is_gone() -> None:
    assert b"<script>" not in remade(picture() + b"<script>alert(1)</script>")


def test_a_picture_that_lies_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter

    assert opened(remade(picture((400, 800), exif=exif))).size == (800, 400)


def test_a_large_one_is_made_smaller() -> None:
    assert max(opened(remade(picture((4000, 3000)))).size) == LONGEST_SIDE


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it is huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    lines = chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + lines + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"%PDF-1.7 day la mot tep khac",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        picture(kind="GIF"),
        picture(kind="TIFF"),
        picture()[:500],
        bomb(8_000),
        bomb(60_000),
    ],
    ids=["nothing", "pdf", "svg", "gif", "tiff", "cut", "bomb", "larger bomb"],
)
def test_what_is_no_picture_of_ours_is_refused(file: bytes) -> None:
    with pytest.raises(NotAPicture):
        remade(file)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3_000), st.binary(max_size=40), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_no_damaged_file_ever_breaks_anything(at: int, noise: bytes, kind: str) -> None:
    file = picture((60, 60), kind)
    damaged = file[: at % len(file)] + noise + file[at % len(file) + len(noise) :]
    try:
        made = remade(damaged)
    except NotAPicture:
        return
    assert opened(made).format == "JPEG"
