"""Recognisers of clock times and parts of the day: 8h30, "tám giờ kém mười", "8-10h", "2 chiều", "đầu giờ sáng"."""

from __future__ import annotations

from bot.understanding.dates.mentions import Clock, Mention, Open, Part, Problem
from bot.understanding.dates.numbers import Number, begins_hour, number, numbers
from bot.understanding.dates.tokens import Sort, Text
from bot.understanding.dates.words import COMING, KIN, PARTS, SELF, SHORT_PARTS

ABOUT = ("lúc", "khoảng", "tầm", "chừng", "cỡ", "độ", "hồi", "vào", "đúng", "gần", "hơn")
NO_MINUTES = (
    "tháng", "hôm", "bữa", "tuần", "giờ", "h", "g", "nghìn", "triệu", "đồng", "đ", "k", "tuổi", "người", "tiếng",
    "trăm", "chục", "thg", "bộ", "bản", "tờ", "đứa", "con", "cái",
)  # fmt: skip
_HOUR_WORDS = ("giờ", "h", "g")


def clock(text: Text, i: int) -> Mention | None:
    """A clock time, or how long something takes ("2 tiếng nữa")."""
    if text.says(i, *ABOUT) and (after := _hour_after_about(text, i + 1)):
        return after
    return (
        _digital(text, i)
        or _said(text, i)
        or _from(text, i)
        or _one_or_the_next(text, i)
        or _before_part(text, i)
        or _short_of(text, i)
    )


# --- 8:30, 8-10h ---------------------------------------------------------------------------------------------------


def _digital(text: Text, i: int) -> Clock | None:
    token = text.at(i)
    if token is None or token.sort is not Sort.CHAIN or max(token.lengths[:2]) > 2:
        return None
    hour, minute = token.numbers[:2]
    end = i + 2 if text.says(i + 1, *_HOUR_WORDS) else i + 1
    if token.joints[0] == ":" and set(token.joints) <= {":", "-"}:
        return _checked(i, end, hour, minute)
    if token.joints == "-" and end == i + 2 and not text.says(i - 1, "trong", "mất", "chờ", "đợi", "khoảng chừng"):
        return _with_minutes(text, i, Number(hour, end), closed=True)
    dotted = token.joints == "." and token.lengths[1] == 2 and minute <= 59 and hour <= 23
    if dotted and (minute > 12 or _beside_part(text, i)):
        return _checked(i, end, hour, minute)
    return None


def _beside_part(text: Text, i: int) -> bool:
    return bool(text.says(i + 1, *PARTS) or text.says(i - 1, "lúc"))


# --- 8h30, "tám giờ rưỡi" ------------------------------------------------------------------------------------------


def _said(text: Text, i: int) -> Mention | None:
    token = text.at(i)
    if token and token.sort is Sort.CLOCK:
        if len(token.numbers) == 2:
            return _checked(i, i + 1, token.numbers[0], token.numbers[1])
        return _lasting(text, i, i + 1) or _with_minutes(text, i, Number(token.numbers[0], i + 1))
    for hour in numbers(text, i):
        if text.says(i, "tư", "lăm", "nhăm"):
            return None
        if hour.short and hour.value % 10 == hour.value // 10 + 1 and text.says(hour.end, *_HOUR_WORDS):
            return Clock(start=i, end=hour.end + 1, hour=hour.value // 10, problem=Problem.AMBIGUOUS)
        if text.says(hour.end, *_HOUR_WORDS) and not _is_now(text, i, hour.end):
            return _lasting(text, i, hour.end + 1) or _with_minutes(text, i, Number(hour.value, hour.end + 1))
        if text.says(hour.end, "rưỡi"):
            return _checked(i, hour.end + 1, hour.value, 30)
    return None


def _is_now(text: Text, i: int, end: int) -> bool:
    """Whether "bay gio" is "bây giờ", and "sau gio lam" no hour either."""
    if not text.bare(i) or text.tokens[i].key not in ("bay", "sau"):
        return False
    if text.tokens[i].key == "sau":
        return bool(text.says(end + 1, "làm", "hành", "nghỉ", "tan"))
    about = text.says(i - 1, *ABOUT, *PARTS, "mai", "mốt", "kia", "nay", "nhật", "cn") or text.says(i - 2, "thứ", "t")
    beside = text.says(end + 1, *PARTS, "rưỡi", "kém", "mai", "mốt", "thứ", "ngày", "hôm") or number(text, end + 1)
    return not about and not beside


def _lasting(text: Text, i: int, end: int) -> Mention | None:
    """ "chờ 2h", "trong 24h", "2 giờ nữa": no time of the day."""
    if text.says(end, "nữa"):
        return Open(start=i, end=end + 1)
    if text.sentence(end, "đồng hồ"):
        return Open(start=i, end=end + 2)
    waited = text.says(i - 1, "từ") and text.says(i - 2, "chờ", "đợi", "đến", "ngồi", "tới")  # "em đến từ 7h"
    if waited and not _day_part_or_to(text, end):
        return Open(start=i, end=end)
    if text.says(i - 1, "trong", "vòng", "mất", "chờ", "đợi") and not _day_part_or_to(text, end):
        return Open(start=i, end=end)
    return None


def _day_part_or_to(text: Text, at: int) -> bool:
    return bool(text.says(at, *PARTS, "đến", "tới", "mai", "thứ", "ngày", "mốt", "hôm")) or text.mark(at, "-–")


def _with_minutes(text: Text, start: int, hour: Number, *, closed: bool = False) -> Clock:
    """The clock time whose hour ends before `hour.end`, with whatever minutes follow."""
    at = hour.end
    if not closed:
        if text.says(at, "rưỡi"):
            return _checked(start, at + 1, hour.value, 30)
        if text.says(at, "kém") and (short := _minutes(text, at + 1, least=1)):
            return _checked(start, short.end, hour.value, 0, less=short.value)
        minutes = _minutes(text, at)
        if minutes:
            return _checked(start, minutes.end, hour.value, minutes.value)
    return _checked(start, at, hour.value, 0)


def _minutes(text: Text, at: int, least: int = 10) -> Number | None:
    """Minutes said here. Single digits need "phút": "8 giờ 5 người" is no time."""
    at = at + 1 if text.mark(at, ":") else at
    for one in numbers(text, at):
        written = one.end + 1 if text.says(one.end, "phút", "p", "ph") or text.mark(one.end, "'’") else 0
        if written:
            return Number(one.value, written)
        if text.says(one.end, *NO_MINUTES) or text.sort(one.end) is Sort.CLOCK or _is_range(text, one.end):
            return None
        if text.says(one.end, "ngày") and not _day_follows(text, one.end + 1):
            return None
        zeros = text.sort(at) is Sort.NUMBER and text.tokens[at].lengths == (2,)
        if one.value >= least or zeros or _ends_a_time(text, one.end):
            return one
    return None


def _ends_a_time(text: Text, at: int) -> bool:
    """Whether nothing that is counted follows: "9 giờ 5 sáng mai"."""
    said = text.says(at, *PARTS, "mai", "ngày", "thứ", "hôm", "mốt", "chủ")
    return bool(said) or text.at(at) is None or text.sort(at) is Sort.MARK


def _is_range(text: Text, at: int) -> bool:
    """Whether this ends the 8 of "8h 8 đến 10/12"; an hour's minutes are followed by another hour, if by anything."""
    return text.mark(at, "/") or (text.says(at, "đến", "tới") != "" and text.sort(at + 1) is Sort.CHAIN)


def _day_follows(text: Text, at: int) -> bool:
    return bool(text.says(at, "mai", "kia", "mốt", "mùng", "mồng", "hôm")) or bool(number(text, at)) or (
        text.sort(at) is Sort.CHAIN
    )  # fmt: skip


def _checked(start: int, end: int, hour: int, minute: int, less: int = 0) -> Clock:
    problem = None if 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= less <= 59 else Problem.INVALID
    return Clock(start=start, end=end, hour=hour, minute=minute, less=less, problem=problem)


# --- numbers that only what stands around them makes hours ---------------------------------------------------------


def _from(text: Text, i: int) -> Clock | None:
    """The 8 of "từ 8 đến 10h"."""
    first = number(text, i)
    if first is None or first.value > 23 or text.says(i - 1, "thứ", "ngày", "tháng", "mùng", "số"):
        return None
    after = text.sentence(first.end, "cho đến", "cho tới", "đến", "tới")
    after = after or (first.end + 1 if text.mark(first.end, "-–—~") else 0)
    if not after:
        return None
    last = _said(text, after)
    return _checked(i, first.end, first.value, 0) if isinstance(last, Clock) else None


def _one_or_the_next(text: Text, i: int) -> Clock | None:
    """ "8 9h", "tám chín giờ": one of the two."""
    first = next(iter(numbers(text, i)), None)
    day_after = text.says(i, "mốt") and text.bare(i) and text.sort(i + 1) is Sort.CLOCK  # "mot 2h"
    if first is None or day_after or text.says(i - 1, "thứ", "ngày", "tháng", "mùng", "số"):
        return None
    later = _said(text, first.end + 1 if text.mark(first.end, ",") else first.end)
    if not isinstance(later, Clock) or later.hour != first.value + 1:
        return None
    return Clock(start=i, end=later.end, hour=first.value, problem=Problem.AMBIGUOUS)


def _before_part(text: Text, i: int) -> Clock | None:
    """The 8 of "8 sáng mai", "2 ch t5"."""
    hour = number(text, i)
    if hour is None or not 1 <= hour.value <= 18 or text.says(i, "tư", "lăm", "nhăm"):
        return None
    if text.says(i - 1, "thứ", "ngày", "tháng", "mùng", "số", "tổ", "quầy", "lần", "t") or text.mark(i - 1, "/"):
        return None
    glued_part = text.sort(i) is Sort.NUMBER and _short_part(text, hour.end)
    written = text.says(hour.end, *PARTS) and not text.says(hour.end + 1, "nay")
    if text.sort(i) is Sort.WORD and not (
        written and text.says(hour.end + 1, "mai", "mốt", "thứ", "ngày", "chủ", "mơi")
    ):
        return None
    return _checked(i, hour.end, hour.value, 0) if written or glued_part else None


def _hour_after_about(text: Text, i: int) -> Clock | None:
    """The 8 of "mai lúc 8", "tầm 9 em lên"."""
    hour = text.small(i)
    if hour is None or not 1 <= hour <= 23:
        return None
    free = (
        text.at(i + 1) is None or text.mark(i + 1, ",.!?;)\n") or text.says(i + 1, *SELF, "ạ", "nhé", "nha", "được")
    )
    if text.sentence(i + 1, "ngày mai", "ngày mốt", "ngày kia", "hôm nay") or (free and not text.says(i + 1, "con")):
        return _checked(i - 1, i + 1, hour, 0)
    return None


def _short_of(text: Text, i: int) -> Clock | None:
    """ "kém 15 9h", "kém mười là chín giờ"."""
    if not text.says(i, "kém"):
        return None
    short = number(text, i + 1)
    if short is None:
        return None
    at = short.end + 1 if text.says(short.end, "phút", "là") else short.end
    at = at + 1 if text.says(at, "là") else at
    hour = _said(text, at)
    if not isinstance(hour, Clock) or hour.minute:
        return None
    return _checked(i, hour.end, hour.hour, 0, less=short.value)


# --- parts of the day ----------------------------------------------------------------------------------------------


def part(text: Text, i: int) -> Part | None:
    """ "sáng", "buổi chiều", "đầu giờ chiều", "8h ch"."""
    if after := text.sentence(i, "đầu giờ", "đầu buổi", "đầu"):
        named = text.says(after, "sáng", "chiều")
        if named or text.says(after - 1, "giờ"):
            first = bool(text.says(after - 1, "giờ"))
            return Part(start=i, end=after + bool(named), name=named, first=first)
        return None
    if after := text.sentence(i, "cuối giờ", "giữa", "cuối buổi", "cuối", "xế", "gần", "buổi", "ban"):
        named = text.says(after, *PARTS)
        return Part(start=i, end=after + 1, name=named) if named else None
    if text.sentence(i, "sớm mai"):
        return Part(start=i, end=i + 1, name="sáng")
    if short := _short_part(text, i):
        return Part(start=i, end=i + 1, name=short)
    named = text.says(i, *PARTS, "khuya")
    if not named:
        return None
    end = i + 2 if text.says(i + 1, "sớm") or text.sentence(i, "chiều tối", "trưa chiều") else i + 1
    if named == "sáng" and text.bare(i):
        return None if _is_verb(text, i) else Part(start=i, end=end, name=named, unsure=True)
    if named == "tối" and text.bare(i):
        sure = _is_evening(text, i)
        return None if sure is False else Part(start=i, end=end, name=named, unsure=sure is None)
    if named == "đêm" and text.bare(i) and not _beside_time(text, i):
        return None  # "dem": "đem"
    return Part(start=i, end=end, name="đêm" if named == "khuya" else named)


def _beside_time(text: Text, i: int) -> bool:
    after = text.says(i + 1, "mai", "nay", "mốt", "thứ", "chủ", "hôm", "ngày")
    return bool(after or text.says(i - 1, "giờ", "rưỡi", "ban") or text.sort(i - 1) is Sort.CLOCK)


def _short_part(text: Text, i: int) -> str:
    token = text.at(i)
    if token is None or token.sort is not Sort.WORD or token.low not in SHORT_PARTS:
        return ""
    dotted = text.sort(i - 1) is Sort.CHAIN and text.tokens[i - 1].joints[0] in ":."
    after_hour = dotted or text.sort(i - 1) in (Sort.CLOCK, Sort.NUMBER) or text.says(i - 1, "giờ", "rưỡi")
    before_day = text.says(i + 1, "mai", "mốt", "nay", "thứ", "t", "cn") and token.low in ("s", "ch")
    return SHORT_PARTS[token.low] if after_hour or before_day else ""


def _is_verb(text: Text, i: int) -> bool:
    """Whether "sang", in a message without marks, is someone coming over, or a transfer ("sang ten")."""
    return bool(
        text.says(i - 1, *SELF, *KIN, "sẽ", "được", "tính", "muốn") or text.says(i + 1, "tên", "nhượng", "bên")
    )


def _runs_from(text: Text, i: int) -> bool:
    """Whether "toi" stands in the middle of a range: "tu 2h toi 4h", "8h toi 9h"."""
    if text.sort(i - 1) is Sort.CLOCK and (text.sort(i + 1) is Sort.CLOCK or begins_hour(text, i + 1)):
        return True
    return any(text.says(at, "từ") and not text.says(at - 1, "thứ", "tháng") for at in range(i))


def _is_evening(text: Text, i: int) -> bool | None:
    """Whether "toi" is "tối", and not "tôi" or "tới"; None where that can't be told."""
    if text.says(i + 1, "nay"):
        return True
    if text.says(i - 2, "thứ") or text.says(i - 1, "nhật"):
        return None  # "thu 5 toi 7h": "tới" or "tối"
    if _runs_from(text, i):
        return False
    if text.says(i + 1, *COMING, "là", "không", "cũng", "thì", "bị"):
        return False
    if text.sort(i - 1) is Sort.CLOCK or text.says(i - 1, "giờ", "rưỡi", "buổi"):
        return True
    if text.says(i - 1, "tuần", "tháng", "sắp", "năm", "cho", "của", "nhà", "để", "gọi", "báo", "giúp", "hẹn"):
        return False
    comes = any(
        text.says(at, "lên", "ra", "đến", "qua", "ghé", "đi", "rảnh", "muốn") for at in range(i + 1, len(text))
    )
    others = any(text.says(at, "em", "con", "cháu", "tui", "mình") for at in range(len(text)))
    if text.says(i + 1, "mai", "mốt", "thứ", "ngày", "chủ", "hôm", "cn", "t") or text.sort(i + 1) in (
        Sort.CLOCK,
        Sort.CHAIN,
    ):
        return others or not comes or None
    return None if text.says(i - 1, "mai", "nay") or text.sort(i - 1) is Sort.NUMBER else False
