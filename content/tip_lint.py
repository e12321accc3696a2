"""What is refused in a tip before anybody reads it: too long, hard to read, a link that is not official, and whatever
a swindler would write: a request for a number, a code, money.

The desk and the chat show these to the author; `check` holds the library to the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from content.models import TIP_LENGTH, Style
from content.plain_words import LOOKS

SHORTEST: Final = 30  # characters
SYLLABLES_A_SECOND: Final = 3.5  # of a loudspeaker that a whole hamlet understands
SCRIPT_SECONDS: Final = (30, 60)

_LINK = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[:/?#]\S*)?", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"(?<![\d/.,-])\+?\d(?:[ .-]?\d){7,}(?![\d/])")
_DATE_LIKE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n+")

_NOT: Final = re.compile(r"\b(?:không|đừng|chớ|chẳng|cấm|đều là lừa|để lừa|là lừa|mất|đổi|giả)\b")
_GIVE: Final = re.compile(r"\b(?:gửi|nhắn|đọc|cung cấp|cho (?:biết|xin|cháu|em|xã)|điền|nhập|để lại|chụp)\b")
_PRIVATE: Final = re.compile(
    r"số (?:điện thoại|căn cước|định danh|tài khoản|thẻ|cccd|zalo)|sđt|\botp\b|mật khẩu|mã xác (?:nhận|thực)|mã pin"
    r"|ảnh (?:căn cước|giấy tờ|thẻ|cccd)"
)
_PAY: Final = re.compile(
    r"chuyển (?:tiền|khoản)|số tài khoản|nạp (?:tiền|thẻ)|đặt cọc|ủng hộ|quyên góp|đóng góp|quét mã (?:qr )?(?:để )?"
    r"(?:trả|chuyển|nộp|ủng)|momo|ví điện tử"
)


def lint(text: str, official: Iterable[str], hotlines: Iterable[str], style: Style | None) -> list[str]:
    """What is wrong with a tip's text, each in a sentence for its author; nothing if it may be sent. Without
    a `style` it is not looked at how easily it reads."""
    text = unicodedata.normalize("NFC", text)
    return list(dict.fromkeys(_flaws(text.strip(), tuple(official), tuple(hotlines), style)))


def _flaws(text: str, official: tuple[str, ...], hotlines: tuple[str, ...], style: Style | None) -> Iterator[str]:
    if len(text) > TIP_LENGTH:
        yield f"mẹo dài {len(text)} ký tự, nhiều nhất {TIP_LENGTH}: bỏ bớt {len(text) - TIP_LENGTH} ký tự"
    if len(text) < SHORTEST:
        yield f"mẹo quá ngắn (ít nhất {SHORTEST} ký tự)"
    yield from _unsafe(text, official, hotlines)
    if style:
        for look in LOOKS:
            yield from look(text, style)


def _unsafe(text: str, official: tuple[str, ...], hotlines: tuple[str, ...]) -> Iterator[str]:
    for found in _LINK.finditer(text):
        host = found[1].lower().removeprefix("www.")
        if not any(host == known or host.endswith(f".{known}") for known in official):
            yield f"đường dẫn “{found[0]}” không có trong danh sách trang chính thức ({', '.join(official)})"
    known_numbers = {_digits(number) for number in hotlines}
    for found in _LONG_NUMBER.finditer(_DATE_LIKE.sub("", text)):
        if _digits(found[0]) not in known_numbers:
            yield f"có dãy số “{found[0].strip()}”: mẹo không ghi số điện thoại hay số tài khoản nào"
    for sentence in _SENTENCE.split(text.lower()):
        refuses = _NOT.search(sentence)
        if _PRIVATE.search(sentence) and _GIVE.search(sentence) and not refuses:
            yield f"xin số hay mã riêng của người dân: “{sentence.strip()[:60]}”"
        if _PAY.search(sentence) and not refuses:
            yield f"nói chuyện đưa tiền: “{sentence.strip()[:60]}”. Kẻ lừa hay viết thế, mẹo của xã thì không"


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def script_seconds(script: str) -> float:
    """How long a loudspeaker reads this. A number counts as the words that it is read with."""
    spoken = 0
    for word in script.split():
        digits = _digits(word)
        spoken += max(1, 2 * len(digits) - 1) if digits else 1
    return spoken / SYLLABLES_A_SECOND


def script_flaws(script: str, official: Iterable[str], hotlines: Iterable[str]) -> list[str]:
    """What is wrong with a whole loudspeaker script: its length, and what no tip may say."""
    found = list(_unsafe(unicodedata.normalize("NFC", script), tuple(official), tuple(hotlines)))
    seconds = script_seconds(script)
    least, most = SCRIPT_SECONDS
    if not least <= seconds <= most:
        found.append(f"bài đọc loa dài khoảng {seconds:.0f} giây, phải từ {least} đến {most} giây")
    return found
