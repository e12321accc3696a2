"""Personal numbers out of free text, before anything is written or logged.

What is masked: identity numbers, phones, cards and accounts, e-mail addresses, one-time codes, number plates.
What must stay: fees, dates, times, years, codes of procedures, dossiers and laws, hotlines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

ID: Final = "⟨số giấy tờ⟩"
PHONE: Final = "⟨số điện thoại⟩"
CARD: Final = "⟨số thẻ⟩"
EMAIL: Final = "⟨email⟩"
OTP: Final = "⟨mã OTP⟩"
PLATE: Final = "⟨biển số⟩"

_GAP = r"[ .\-\u00a0\u2009\u202f]?"  # how people group digits
_FREE = r"(?<![\w⟨])(?<!\d[.,/\-:])"  # does not begin inside a longer word, number or code
_DIGITS_BEGIN = r"(?<!\d)(?<!\d[.,/\-:])"  # may stand right behind letters: "cccd001085012345"
_END = r"(?![\w⟩]|[.,/\-:]\d)"
_DIGITS_END = r"(?!\d|[.,/\-:]\d)"

PLACEHOLDERS = re.compile(r"⟨[^⟨⟩\n]{1,30}⟩")

# Most messages have none of this, and need no closer look.
_MAY_BE_PERSONAL = re.compile(r"[\d@]|\(at\)|\[at\]", re.IGNORECASE)

# Numbers that look personal and aren't. They are set aside before anything is masked.
_KEPT = re.compile(
    r"""
      \b[A-Z]{1,3}\d{2}(?:\.\d{1,3})*-\d{6}-\d{4,6}\b                 # dossier: H01.23-261122-0001
    | \b000\.\d{2}\.\d{2}\.[A-Z]\d{2}-\d{6}-\d{4,6}\b                 # dossier, older form
    | \b\d\.\d{6}\b(?!\.?\d)                                          # procedure: 1.001193
    | \b\d{1,4}/(?:19|20)\d{2}/[A-ZĐ]{1,4}[\w\-Đđ]*                   # law: 123/2015/NĐ-CP
    | \b\d{1,4}/[A-ZĐ]{2}[\w\-Đđ]*
    | \b\d{1,2}[ ]?[/\-.][ ]?\d{1,2}[ ]?[/\-.][ ]?(?:19|20)\d{2}\b     # 22/11/2026
    | \b(?:19|20)\d{2}[/\-.]\d{1,2}[/\-.]\d{1,2}\b                    # 2026-11-22
    | \b\d{1,2}[:hg]\d{2}\b
    | \b(?:19|20)\d{2}[ ]?-[ ]?(?:19|20)\d{2}\b                       # 2024-2026
    | (?<![\d.])\d{1,3}(?:[., ]\d{3}){1,4}[ ]?(?:đồng|đ|dong|d|vnđ|vnd|₫|k|nghìn|ngàn|triệu|tr)\b
    | (?<![\d.])\d{4,12}[ ]?(?:đồng|đ|dong|vnđ|vnd|₫)(?!\w)
    | \b\d+(?:[.,]\d+)?[ ]?(?:nghìn|ngàn|triệu|tỷ|tỉ|nghin|ngan|trieu|ty|km2|m2|km|kg)\b
    | \b1(?:800|900)[ .\-]?\d{2}[ .\-]?\d{2}\b                        # hotlines: 18001096, 1900 1009
    | \b1(?:800|900)[ .\-]?\d{4}\b
    | \b1(?:800|900)[ .\-]?\d{6}\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Each begins where a name begins: a long run without @ must not be tried from each of its letters.
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_EMAIL_SPOKEN = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+ ?(?:@|\(at\)|\[at\]) ?(?:gmail|yahoo|hotmail|outlook|icloud)(?:\.com(?:\.vn)?)?", re.I
)

_OTP_WORD = (
    r"(?:otp|o\.t\.p|m[aã] pin|passcode|verification code"
    r"|m[aã] (?:x[aá]c (?:nh[aậ]n|th[uự]c|minh)|k[ií]ch ho[aạ]t|b[aả]o m[aậ]t))"
)
_OTP_CODE = rf"{_FREE}\d(?:{_GAP}\d){{3,7}}{_END}"
_NOT_CODE = r"(?!\s*(?:ngày|năm|từ|tháng|giờ|gọi|lúc|hotline|tổng đài|số điện thoại|sđt))"
_OTP_AFTER = re.compile(rf"({_OTP_WORD}(?:{_NOT_CODE}[^\d\n⟨\ue000]){{0,40}}?)({_OTP_CODE})", re.IGNORECASE)
_OTP_BEFORE = re.compile(rf"({_OTP_CODE})([^\d\n⟨\ue000]{{0,25}}?{_OTP_WORD})", re.IGNORECASE)

_ACCOUNT = re.compile(
    r"((?:\bstk\b|s[oố] t[aà]i kho[aả]n|t[aà]i kho[aả]n(?: ng[aâ]n h[aà]ng)?|s[oố] th[eẻ]"
    r"|\btk\b|\bstknh\b|\bacc(?:ount)?\b)"
    rf"[^\d\n⟨]{{0,30}}?)(?<![\w.])(\d(?:{_GAP}\d){{5,18}}){_END}",
    re.IGNORECASE,
)
_CARD = re.compile(rf"{_DIGITS_BEGIN}\d(?:{_GAP}\d){{12,18}}{_DIGITS_END}")
_SOLID_CARD = re.compile(r"(?<!\d)\d{13,19}(?!\d)")

_PROVINCE = r"(?:1[1-9]|[2-9]\d)"
_PLATE = re.compile(
    rf"{_FREE}{_PROVINCE}[ .\-]?(?:[A-ZĐ]{{2}}|[A-ZĐ]\d?)[ .\-]?(?:\d{{3}}[ .\-]?\d{{2}}|\d{{4}}){_END}",
    re.IGNORECASE,
)
_PLATE_UNITS = re.compile(r"\d+ ?(?:h|g|k|m|x|đ|d|t|l)\b", re.IGNORECASE)  # "30 k 2000": a price and a year

_PHONE_KEY = r"(?:(?:\+|00) ?84|\(\+84\)|84(?=[ .\-]?[35789])|0|\(0\d{1,3}\))"
_MOBILE = re.compile(rf"(?<![\d/,+⟨]){_PHONE_KEY}{_GAP}(?:\(0\){_GAP})?[35789](?:{_GAP}\d){{8}}{_DIGITS_END}")
_SOLID_MOBILE = re.compile(r"(?<![\d+])(?:\+?84|0)[35789]\d{8}(?!\d)")
_LANDLINE = re.compile(
    rf"(?<![\d/,+⟨])(?:\(02\d{{1,2}}\)|(?:(?:\+|00) ?84{_GAP}|0)2(?:{_GAP}\d){{1,2}}){_GAP}\d"
    rf"(?:{_GAP}\d){{6,7}}{_DIGITS_END}"
)
_OLD_MOBILE = re.compile(rf"(?<![\d/,+⟨])(?:0|\+84{_GAP})1[2689](?:{_GAP}\d){{8}}{_DIGITS_END}")

_ID12 = re.compile(rf"{_DIGITS_BEGIN}\d(?:{_GAP}\d){{11}}{_DIGITS_END}")
_SOLID_ID12 = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ID9 = re.compile(rf"{_DIGITS_BEGIN}\d(?:{_GAP}\d){{8}}{_DIGITS_END}")
_INSURANCE = re.compile(rf"{_FREE}[A-Z]{{2}}{_GAP}\d(?:{_GAP}\d){{12}}{_END}")  # health card: GD 4 01 …
_PASSPORT = re.compile(rf"{_FREE}[A-Z]\d{{7,8}}{_END}")
_TEN_DIGITS = re.compile(
    rf"((?:bhxh|bhyt|m[aã] s[oố] (?:thu[eế]|b[aả]o hi[eể]m|bhxh|đ[iị]nh danh)|\bmst\b|s[oố] s[oổ])[^\d\n⟨]{{0,20}}?)"
    rf"(\d(?:{_GAP}\d){{9,12}}){_END}",
    re.IGNORECASE,
)


_SHAPES = (
    (_INSURANCE, ID),
    (_SOLID_CARD, CARD),
    (_SOLID_ID12, ID),
    (_SOLID_MOBILE, PHONE),
    (_CARD, CARD),
    (_MOBILE, PHONE),
    (_LANDLINE, PHONE),
    (_OLD_MOBILE, PHONE),
    (_ID12, ID),
    (_ID9, ID),
)
_ASIDE = re.compile("\ue000([a-j]+)\ue001")


def mask(text: str) -> str:
    """The text with personal numbers replaced by what they were. Masking twice changes nothing."""
    if not _MAY_BE_PERSONAL.search(text):
        return text.replace("\ue000", "").replace("\ue001", "")
    kept: list[str] = []

    def aside(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ue000{_as_letters(len(kept) - 1)}\ue001"

    masked = PLACEHOLDERS.sub(aside, text.replace("\ue000", "").replace("\ue001", ""))
    masked = _EMAIL_SPOKEN.sub(EMAIL, _EMAIL.sub(EMAIL, masked))
    masked = _KEPT.sub(aside, masked)
    masked = _mask_numbers(_mask_named(masked))
    while "\ue000" in masked:
        masked = _ASIDE.sub(lambda match: kept[_as_number(match[1])], masked)
    return masked


def hides_something(text: str) -> bool:
    """True if something personal was masked in this text."""
    return any(mark in text for mark in (ID, PHONE, CARD, EMAIL, OTP, PLATE))


def _as_letters(number: int) -> str:
    """A number that no pattern takes for one."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _as_number(letters: str) -> int:
    return int("".join(str(ord(letter) - ord("a")) for letter in letters))


def _mask_named(text: str) -> str:
    """What a word beside it gives away."""
    text = _OTP_AFTER.sub(_keeping_first(OTP), text)
    text = _OTP_BEFORE.sub(_keeping_second(OTP), text)
    text = _ACCOUNT.sub(_keeping_first(CARD), text)
    return _TEN_DIGITS.sub(_keeping_first(ID), text)


def _mask_numbers(text: str) -> str:
    """What its own shape gives away. Unbroken digits first: in "0912345678 2 người" the 2 is no part of them."""
    for pattern, mark in _SHAPES:
        text = pattern.sub(mark, text)
    text = _PLATE.sub(lambda match: match[0] if _PLATE_UNITS.match(match[0]) else PLATE, text)
    return _PASSPORT.sub(ID, text)


def _keeping_first(mark: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match[1] + mark


def _keeping_second(mark: str) -> Callable[[re.Match[str]], str]:
    return lambda match: mark + match[2]
