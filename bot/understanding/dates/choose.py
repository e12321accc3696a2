"""From all that was said to what is meant: corrections, moves and ranges heeded, days that were ruled out dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from bot.understanding.dates.mentions import By, Clock, Day, Mention, Part, Problem, Week
from bot.understanding.dates.refusals import leave_the_past, rule_out
from bot.understanding.dates.said import NEAR, Said, in_week, same_week
from bot.understanding.dates.tokens import Text
from bot.understanding.dates.words import SELF

_CORRECTIONS = (
    "à không", "à nhầm", "nhầm", "ý em là", "ý tôi là", "ý tui là", "ý con là", "ý cháu là", "ý là", "quên",
    "sửa lại", "nói lại", "đúng ra là", "đúng ra", "thôi để", "hay thôi", "thôi thì", "thôi cho", "thôi lấy",
    "mà thôi", "à mà", "đổi lại", "chính xác là",
)  # fmt: skip
_MOVES = ("dời", "đổi", "chuyển", "hoãn", "lùi", "rời", "thay", "dịch")
_MOVED_TO = ("sang", "qua", "thành", "xuống", "bằng")
_COMING_TO = ("tới", "đến", "lên", "về", "vào")  # so that they mean the same right after a time alone
_MOVING_WORDS = (*_MOVED_TO, *_COMING_TO, "lịch", "hẹn", "lại", "giờ", "ngày", "lúc", "giúp", "cho", "em", "buổi")
_TO = ("đến", "tới")
_ON_THE_WAY = ("cho", "hết", "ngày", "lúc", "khoảng", "tầm", "vào", "hôm", "là", "khoảng", "từ", "của", "cuối", "đầu")
_WITHOUT_EXACT_DAY = ("trước", "sau", "hết", "chậm nhất", "muộn nhất", "trễ nhất", "nội")
_ONWARDS = ("trở đi", "trở về sau", "đổ đi", "trở về trước", "trở lại", "trở về")
_LATER = ("tính", "báo lại", "báo sau", "trả lời", "gọi lại", "hẹn lại", "coi lại", "xem lại", "hỏi lại", "báo nhé")


def sift(text: Text, mentions: Sequence[Mention], today: date) -> Said | Problem:
    """What is meant of all that was said; or why none of it can be."""
    said = Said(text, mentions)
    if _either_or(said):
        return Problem.ALTERNATIVES
    _correct(said, today)
    _move(said, today)
    _take_first_days(said, today)
    _take_first_clocks(said)
    if _inexact(said):
        return Problem.VAGUE
    rule_out(said, today)
    leave_the_past(said)
    _give_weeks(said, today)
    return said


# --- "hoặc" --------------------------------------------------------------------------------------------------------


def _either_or(said: Said) -> bool:
    """Whether "hoặc" or "hay" joins two times: "8h hoặc 9h", "mai hoặc hôm khác", "sáng hay chiều thứ 5"."""
    text = said.text
    for at in range(len(text)):
        if text.says(at, "hoặc", "hay") and not text.sentence(at, "hay thôi", "hay không"):
            before = any(one.end <= at and at - one.end <= NEAR for one in said.mentions)
            after = any(one.start > at and one.start - at <= NEAR for one in said.mentions)
            if before and after:
                return True
    return False


# --- corrections and moves -----------------------------------------------------------------------------------------


def _correct(said: Said, today: date) -> None:
    """ "thứ 3 à nhầm thứ 4": what came before gives way to what follows, each kind to its own."""
    for at in range(len(said.text)):
        if not said.text.sentence(at, *_CORRECTIONS) and not _hesitates(said, at):
            continue
        for kind in (Day, Clock, Part):
            before = [one for one in said.of(kind) if one.end <= at]
            after = [one for one in said.of(kind) if one.start > at]
            if before and after:
                said.put(after[0], same_week(after[0], before[-1], today))
                said.drop(before)


def _hesitates(said: Said, at: int) -> bool:
    """ "thứ 3 à thứ 4", "mai… thôi mốt đi": a time directly after such a word."""
    word = said.text.says(at, "à", "thôi")
    return bool(word) and not said.text.bare(at) and any(one.start == at + 1 for one in said.of(Day, Clock))


def _move(said: Said, today: date) -> None:
    """ "dời thứ 3 sang thứ 5", "hẹn 8h mai, đổi 9h": the latter, with the day of the former if none is said anew."""
    text = said.text
    verb = next((at for at in range(len(text)) if text.says(at, *_MOVES)), None)
    times = said.of(Day, Clock, Part)
    if verb is None:
        return
    to = _moved_at(said, verb, times)
    old, new = [one for one in times if one.end <= to], [one for one in times if one.start > to]
    days = [one for one in old if isinstance(one, Day)]
    if not old or not new:
        return
    for day in new[:1] if days else ():
        said.put(day, same_week(day, days[-1], today))
    anew = any(isinstance(one, Day) for one in new)
    said.drop([one for one in old if anew or not isinstance(one, Day)])


def _moved_at(said: Said, verb: int, times: Sequence[Mention]) -> int:
    """The place before which the old time stands, and after it the new one; 0 if nothing was moved."""
    text = said.text
    taken = said.taken_by(Day, Clock)
    for way in range(verb + 1, len(text)):
        close = text.says(way, *_COMING_TO) and any(one.end == way for one in times)
        moved = text.says(way, *_MOVED_TO) and not text.says(way - 1, *SELF)
        between = any(verb < one.end <= way for one in times) and any(one.start > way for one in times)
        if (close or moved) and way not in taken and between:
            return way
    after = next((one.start for one in times if one.start > verb), None)
    if after is None or not any(one.end <= verb for one in times):
        return 0
    return verb if all(text.says(at, *_MOVING_WORDS) for at in said.free(verb + 1, after)) else 0


# --- ranges --------------------------------------------------------------------------------------------------------


def _take_first_days(said: Said, today: date) -> None:
    """ "từ thứ 3 đến thứ 5 tuần sau": the start, in the week that was said at the end."""
    days = said.of(Day)
    for first, last in pairwise(days):
        if _is_range(said, first, last):
            said.put(first, same_week(first, last, today))
            said.drop([last])


def _take_first_clocks(said: Said) -> None:
    """ "8h đến 10h sáng": the start; the part of the day said at the end covers it if it can."""
    clocks = said.of(Clock)
    for first, last in pairwise(clocks):
        if not _is_range(said, first, last):
            continue
        said.drop([last])
        own = any(one.start == first.end for one in said.of(Part))
        end = [one for one in said.of(Part) if one.start == last.end]
        if end and (own or not _covers(end[0].name, first, last)):
            said.drop(end)


def _covers(part: str, first: Clock, last: Clock) -> bool:
    """Not in "từ 11h đến 2h chiều"."""
    return part == "sáng" or first.hour % 12 <= last.hour % 12


def _is_range(said: Said, first: Mention, last: Mention) -> bool:
    text = said.text
    between = said.free(first.end, last.start)
    joined = any(text.says(at, *_TO) or text.mark(at, "-–—~>→") for at in between)
    others = [at for at in between if not text.says(at, *_TO, *_ON_THE_WAY) and not text.mark(at, "-–—~>→")]
    return joined and not others


# --- what names no exact day ---------------------------------------------------------------------------------------


def _inexact(said: Said) -> bool:
    """ "trước thứ 5", "sau 3h chiều mai", "từ thứ 5 trở đi", "để mai tính"."""
    text = said.text
    for one in said.of(Day, Clock):
        before = one.start - 1
        if before in said.free(before, one.start) and text.says(before, *_WITHOUT_EXACT_DAY):
            return True
        if text.sentence(one.start - 2, "chậm nhất", "muộn nhất", "trễ nhất") or text.sentence(one.end, *_ONWARDS):
            return True
        if text.says(before, "lễ", "đợt", "dịp") and text.says(before - 1, *_WITHOUT_EXACT_DAY, "qua", "nghỉ"):
            return True
        open_start = any(text.sentence(at, "từ nay", "từ giờ", "từ bây giờ", "từ rày") for at in range(one.start))
        if text.says(before, *_TO) and open_start:
            return True
        if isinstance(one, Day) and any(text.sentence(at, *_LATER) for at in range(one.end, one.end + 3)):
            return True
        if isinstance(one, Day) and text.sentence(
            one.end, "thứ mấy", "là thứ mấy", "ngày mấy", "là ngày mấy", "là ngày"
        ):
            return True
    return False


def _give_weeks(said: Said, today: date) -> None:
    """ "tuần sau em lên thứ 5": the weekday is that week's."""
    weeks = {one.offset for one in said.of(Week)}
    lone = [one for one in said.of(Day) if one.by is By.WEEKDAY and one.week is None and not one.over]
    if len(weeks) == 1 and lone:
        for day in lone:
            said.put(day, in_week(day, min(weeks), today))
        said.drop(said.of(Week))
