"""What is said to authors when a value is not as the models want it: Vietnamese for pydantic's errors and our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

# Our own errors, raised in models.py -> the key they are about, and the words.
OWN: Final[Mapping[str, tuple[str, str]]] = {
    "until-before-from": ("until", "'until' đứng trước 'from': ngày hết phải từ ngày bắt đầu trở đi"),
    "unknown-without-ask": ("ask", "nội dung là unknown mà thiếu 'ask': ghi rõ hỏi ai"),
    "amount-without-law": ("law", "có 'amount' mà thiếu 'law': ghi văn bản nào quy định mức này"),
    "time-without-unit": ("unit", "có 'amount' mà thiếu 'unit' hoặc 'text': ghi đơn vị và cách nói"),
    "unknown-group": ("groups", "có <nhóm> được dùng mà 'groups' không có"),
}

_ID = "chỉ gồm chữ thường không dấu, số và dấu gạch nối, ví dụ khai-sinh"
_PATTERNS: Final[Mapping[str, str]] = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": _ID,
    r"^faq-[a-z0-9]+(-[a-z0-9]+)*$": f"phải bắt đầu bằng faq-, {_ID}",
    r"^\d\.\d{6}$": "phải có dạng như 1.001193",
    r"^([01]\d|2[0-3]):[0-5]\d$": "phải là giờ có dạng như 07:30",
    r"^https://[^\s]+$": "phải bắt đầu bằng https:// và không có dấu cách",
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$": "phải là tháng-ngày, ví dụ 09-15",
    r"^[a-z0-9-]+(\.[a-z0-9-]+)+$": "phải là tên trang, ví dụ dichvucong.gov.vn",
    r"^\S+$": "không được có dấu cách",
}
_DAY = "phải là ngày dạng năm-tháng-ngày, ví dụ 2026-12-31"
_LIST = "phải là một danh sách (mỗi mục bắt đầu bằng '- ')"
_GROUP = "phải là một nhóm có các khoá"

Context = Mapping[str, Any]


def nearest(word: str, known: Iterable[str]) -> str:
    """ "; có phải …?" with the known word that is most like this one, or nothing."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; có phải '{found[0]}'?" if found else ""


def unknown_key(key: str, known: Iterable[str]) -> str:
    """That the key is none of those known, and which one may have been meant."""
    known = list(known)
    return f"khoá '{key}' không có" + (nearest(key, known) or f"; ở đây chỉ có: {', '.join(known)}")


def words_for(kind: str, context: Context, value: object) -> str:
    """The Vietnamese for a pydantic error of that kind about that value."""
    say = _WORDS.get(kind)
    return say(context, value) if say else "không đúng dạng"


def _not_text(context: Context, value: object) -> str:
    if value is None:
        return "chưa có nội dung"
    if isinstance(value, bool):
        return f'phải là chữ: để trong dấu nháy ("{str(value).lower()}")'
    if isinstance(value, int):
        return f'phải là chữ: để trong dấu nháy ("{value}")'
    return "phải là chữ"


def _too_short(context: Context, value: object) -> str:
    if not str(value).strip():
        return "chưa có nội dung"
    return f"quá ngắn: ít nhất {context['min_length']} ký tự"


def _too_long(context: Context, value: object) -> str:
    return f"quá dài: {len(str(value).strip())} ký tự, nhiều nhất {context['max_length']}"


def _choice(context: Context, value: object) -> str:
    expected = str(context["expected"])
    if expected == "'unknown'":
        return "phải là số nguyên viết liền (ví dụ 8000) hoặc unknown"
    known = [part for part in expected.split("'") if part.strip(" ,") and part != " or "]
    return f"chỉ nhận {expected.replace(' or ', ' hoặc ')}" + nearest(str(value), known)


def _always(words: str) -> Callable[[Context, object], str]:
    return lambda context, value: words


_WORDS: Final[Mapping[str, Callable[[Context, object], str]]] = {
    "string_type": _not_text,
    "string_too_short": _too_short,
    "string_too_long": _too_long,
    "string_pattern_mismatch": lambda context, value: _PATTERNS.get(context["pattern"], "không đúng dạng"),
    "int_type": _always("phải là số nguyên viết liền, ví dụ 8000"),
    "int_parsing": _always("phải là số nguyên viết liền, ví dụ 8000"),
    "greater_than_equal": lambda context, value: f"phải từ {context['ge']} trở lên",
    "less_than_equal": lambda context, value: f"nhiều nhất là {context['le']}",
    "bool_type": _always("phải là true hoặc false"),
    "enum": _choice,
    "literal_error": _choice,
    "date_type": _always(_DAY),
    "date_parsing": _always(_DAY),
    "date_from_datetime_parsing": _always(_DAY),
    "date_from_datetime_inexact": _always(_DAY),
    "tuple_type": _always(_LIST),
    "model_type": _always(_GROUP),
    "dict_type": _always(_GROUP),
    "mapping_type": _always(_GROUP),
    "too_short": lambda context, value: f"cần ít nhất {context['min_length']} mục",
    "too_long": lambda context, value: f"nhiều nhất {context['max_length']} mục, đang có {context['actual_length']}",
}
