"""Days and hours that are said only to be ruled out, or because they are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from bot.understanding.dates.mentions import By, Clock, Day, Mention, Part, Problem, Week
from bot.understanding.dates.said import NEAR, Said, same_week, stands_beside
from bot.understanding.dates.tokens import Text
from bot.understanding.dates.words import NEVER_BARE, SELF, TWINS

_BUSY = (
    "bận", "kẹt", "mắc", "vướng", "nghỉ", "off", "đóng cửa", "đi công tác", "đi ăn cưới", "đi khám", "đi rẫy",
    "đi ruộng", "đi biển", "đi xa", "có hẹn", "có tiết", "phải trực", "bị ốm", "ốm rồi", "không được", "không đi",
    "không lên", "không ra", "không tới", "không đến", "không qua", "không rảnh", "không tiện", "không kịp",
    "không có nhà", "không ở nhà", "không làm", "không ghé", "không có ở", "không có thời gian", "không sắp xếp",
    "không thể", "chưa đi", "chưa lên", "chưa được", "chưa rảnh", "đi vắng", "đi đám", "có đám", "có giỗ", "sớm quá",
    "trễ quá", "muộn quá", "hết chỗ", "về quê", "đi viện", "đi chợ", "không nhé", "không nha", "xa quá", "gấp quá",
    "không xong", "không hợp", "không ổn", "có việc rồi", "có việc mất", "đông quá", "kín rồi", "hết lịch",
    "không vô", "không vào", "không về",
)  # fmt: skip
_NOT = (
    "trừ", "đừng", "không phải", "thay vì", "thay cho", "hủy", "không chọn", "không lấy", "không muốn", "không hẹn",
    "không cần",
)  # fmt: skip
_NOT_RIGHT_AFTER = ("bỏ", "khỏi", "ngoài")
_LISTING = ("và", "với", "hay", "hoặc", "cùng", "rồi", "lẫn", "đến", "tới")


def rule_out(said: Said, today: date) -> None:
    """ "thứ 3 em bận, thứ 4 nhé": the other one. Where but one day was said, the hour that was refused goes alone."""
    refused: list[Mention] = []
    for at in range(len(said.text)):
        refused += [one for one in _refused_at(said, at) if one not in refused]
    days = [one for one in refused if isinstance(one, Day)]
    others = [one for one in said.of(Day) if one not in days]
    gone: list[Mention] = [one for one in refused if not isinstance(one, Day)]
    for day in days:
        satellites = said.beside(day)
        left = [one for one in said.of(Clock, Part) if one not in satellites and one not in gone]
        gone += satellites
        if others or not left:
            gone.append(day)
            others = [_shared(said, one, day, today) for one in others]
    said.drop(gone)


def _shared(said: Said, day: Day, refused: Day, today: date) -> Day:
    shared = same_week(day, refused, today)
    said.put(day, shared)
    return shared if isinstance(shared, Day) else day


def _refused_at(said: Said, at: int) -> list[Mention]:
    """What is ruled out by the words that begin at this token."""
    text = said.text
    times = said.of(Day, Week, Clock, Part)
    if _is_other_word(text, at):
        return []
    end, reach = text.sentence(at, *_NOT), NEAR
    if not end:
        end, reach = text.sentence(at, *_NOT_RIGHT_AFTER), 0
    if end:
        after = [one for one in times if end <= one.start <= end + reach]
        return _listed(said, after[:1], forwards=True)
    if not _says_busy(text, at) or text.says(at - 1, "không", "hết", "chưa", "mới") or _is_asked(text, at):
        return []
    here = [one for one in times if said.clause(one.start) == said.clause(at)]
    before = [one for one in here if one.end <= at]
    after = [one for one in here if one.start > at and one.start - at <= NEAR + 1]
    days = [one for one in before if isinstance(one, Day | Week)]
    if days:
        return _listed(said, days[-1:])
    if before:
        return list(before)
    if after:
        return _listed(said, after[:1], forwards=True)
    earlier = [one for one in said.of(Day) if one.end <= at]
    later = [one for one in said.of(Day) if one.start > at]
    return _listed(said, earlier[-1:]) if later else []


def _is_other_word(text: Text, at: int) -> bool:
    """Whether a word without marks is no refusal: "uy ban" is no "bận"."""
    if not text.bare(at):
        return False
    word = text.says(at, *TWINS, *NEVER_BARE)
    before, after = TWINS.get(word, ((), ()))
    return word in NEVER_BARE or bool(text.says(at - 1, *before) or text.says(at + 1, *after))


def _says_busy(text: Text, at: int) -> bool:
    """Whether these words say that a day won't do; "đi làm" only where nothing is named that one goes to get done."""
    if text.sentence(at, *_BUSY):
        return True
    if text.sentence(at, "chưa chắc", "không chắc", "chưa biết"):
        return True
    end = text.sentence(at, "đi làm", "đi học", "có việc", "đi thi", "thì không")
    ends = (
        text.at(end) is None
        or text.mark(end, ",.;!\n")
        or text.says(end, "rồi", "mất", "cả", "suốt", "xa", "thêm", "nên")
    )
    return bool(end and ends)


def _is_asked(text: Text, at: int) -> bool:
    """ "thứ 7 có nghỉ không" only asks, "mai không được thì mốt" supposes, and who has leave is free."""
    until = next((to for to in range(at, len(text)) if text.mark(to, ",.;!\n")), len(text))
    if any(text.says(to, "thì") for to in range(at + 1, min(until, at + 6))) or _is_supposed(text, at):
        return True
    own_leave = text.says(at, "nghỉ") and (
        text.says(at - 1, "được", "xin") or text.says(at + 1, "làm", "học", "phép")
    )
    return bool(own_leave or text.sentence(at, "nghỉ không", "đóng cửa không"))


def _is_supposed(text: Text, at: int) -> bool:
    """ "nếu không được thì thứ 6"."""
    for before in range(at - 1, max(-1, at - 6), -1):
        if text.mark(before, ",.;!\n"):
            return False
        if text.says(before, "nếu", "lỡ", "nhỡ"):
            return True
    return False


def _listed(said: Said, first: Sequence[Mention], *, forwards: bool = False) -> list[Mention]:
    """What was found, with the days that are listed beside it: "thứ 3, thứ 4 em bận"."""
    found = list(first)
    if not found or not isinstance(found[0], Day):
        return found
    days = said.of(Day)
    at = next(number for number, one in enumerate(days) if one.start == found[0].start)
    rest = days[at + 1 :] if forwards else days[:at][::-1]
    for one in rest:
        between = said.free(found[-1].end, one.start) if forwards else said.free(one.end, found[-1].start)
        if any(not said.text.says(at, *_LISTING) and not said.text.mark(at, ",-–/&+") for at in between):
            break
        if forwards and any(said.text.mark(at, ",") for at in between):
            break
        found = [*found, one]
    return found


# --- the past, and weeks that stand alone --------------------------------------------------------------------------


def leave_the_past(said: Said) -> None:
    """ "hôm qua em lên không gặp, mai em lên lại": what is over is told beside what is to come."""
    days = said.of(Day)
    past = [one for one in days if one.over or (one.problem is Problem.PAST and _is_told(said, one))]
    for one in [one for one in days if _has_happened(said, one)]:
        said.put(one, replace(one, over=True, problem=Problem.PAST))
        past.append(one)
    past += _only_told_today(said, days)
    if len(past) < len(days):
        for day in past:
            said.drop([day, *said.beside(day)])


def _only_told_today(said: Said, days: list[Day]) -> list[Day]:
    """ "hôm nay là thứ 6, thứ 2 em lên": what day it is today is no appointment."""
    for today, same in pairwise(days):
        is_said = any(said.text.says(at, "là") for at in range(today.end, same.start))
        if is_said and today.by is By.DISTANCE and same.by is not By.DISTANCE and stands_beside(said, today, same):
            return [today, same]
    return []


def _is_told(said: Said, day: Day) -> bool:
    clause = [at for at in range(len(said.text)) if said.clause(at) == said.clause(day.start)]
    if said.text.says(day.start, "hôm", "bữa") or said.text.says(day.start - 1, "từ", "nộp", "gửi", "lập"):
        return True
    return any(said.text.says(at, "rồi", "hồi", "vừa", "mới") or _already(said.text, at) for at in clause)


def _has_happened(said: Said, day: Day) -> bool:
    """ "thứ 3 em lên rồi", "em đã nộp thứ 2": told of the past, though the words alone mean the next one."""
    if day.by is not By.WEEKDAY or day.week is not None:
        return False
    text, clause = said.text, said.clause(day.start)
    here = [at for at in range(len(text)) if said.clause(at) == clause]
    after = range(day.end, min(day.end + 5, len(text)))
    came = any(text.says(at, "lên", "ra", "đến", "tới", "nộp", "gửi") and text.says(at + 1, "rồi") for at in after)
    return came or any(_already(text, at) or text.sentence(at, "vừa nộp", "mới nộp", "vừa lên") for at in here)


def _already(text: Text, at: int) -> bool:
    """ "đã"; typed without marks it is "dạ", unless it follows whoever did it."""
    return bool(text.says(at, "đã")) and (not text.bare(at) or bool(text.says(at - 1, *SELF)))
