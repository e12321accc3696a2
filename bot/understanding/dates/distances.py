"""Recognisers of days by how far off they are: "mai", "mốt", "3 hôm nữa", "hôm qua", "vài bữa nữa", "hôm nào"."""

from __future__ import annotations

from datetime import date, timedelta

from bot.understanding.dates.mentions import By, Day, Mention, Open, Problem
from bot.understanding.dates.months import LEAD, month_said
from bot.understanding.dates.numbers import begins_hour, number
from bot.understanding.dates.tokens import Sort, Text
from bot.understanding.dates.weekdays import week_said
from bot.understanding.dates.words import COMING, KIN, PARTS, POLITE, SELF, WEEKDAYS


def distance(text: Text, i: int, today: date) -> Mention | None:
    """Days told by how far off they are; vague ones and past ones too."""
    return _over(text, i) or _some_day(text, i, today) or _named(text, i, today) or _counted(text, i, today)


_OVER = (
    "hôm qua", "bữa qua", "hôm kia", "hôm kìa", "hôm trước", "bữa trước", "hôm nọ", "bữa nọ", "bữa hổm", "hôm hổm",
    "hôm rồi", "bữa rồi", "hôm bữa", "tuần trước", "tuần rồi", "tuần vừa rồi", "tuần vừa qua", "tuần qua",
    "tháng trước", "tháng rồi", "tháng vừa rồi", "tháng qua", "năm ngoái", "năm trước", "hồi nãy", "lúc nãy",
    "vừa nãy", "hồi sáng", "hồi trưa", "hồi chiều", "hồi tối", "mới nãy", "hồi hôm", "khi nãy",
)  # fmt: skip


def _over(text: Text, i: int) -> Day | None:
    end = text.sentence(i, *_OVER)
    if not end and text.says(i, *PARTS) and text.says(i + 1, "qua"):
        before = text.says(i - 1, "mai", "mơi", "mốt", "nay", "này", "tới", "sau") or text.sort(i - 1) in (
            Sort.NUMBER,
            Sort.CHAIN,
        )
        asks = text.sentence(i + 2, "được không", "được ko", "nhé", "nha")
        end = i + 2 if not before and not asks and not text.says(i - 1, *WEEKDAYS) else 0
    if not end and (count := number(text, i)) and text.says(count.end, "ngày", "hôm", "bữa", "tuần", "tháng", "năm"):
        end = text.sentence(count.end + 1, "trước")
        end = end or (count.end + 1 if text.sentence(i - 2, "cách đây") else 0)
    return Day(start=i, end=end, by=By.DISTANCE, problem=Problem.PAST, over=True) if end else None


_SOME_DAY = (
    "mai mốt", "mai kia", "mai này", "mai sau", "nay mai", "mốt mai", "ngày mai ngày mốt", "bữa mai bữa mốt",
    "hôm nào", "bữa nào", "ngày nào", "khi nào", "lúc nào", "giờ nào", "buổi nào", "thứ mấy", "ngày mấy", "mấy giờ",
    "hôm khác", "bữa khác", "ngày khác", "lúc khác", "khi khác", "hôm sau", "bữa sau", "ngày hôm sau", "sau này",
    "lát nữa", "chút nữa", "tí nữa", "xíu nữa", "lát", "bây giờ", "chừng nào", "bao giờ", "sớm nhất", "gần nhất",
    "càng sớm càng tốt", "đầu tuần", "giữa tuần", "cuối tuần này", "cuối tuần sau", "cuối tuần tới", "cuối tuần",
    "ngày thường", "hàng ngày", "hằng ngày", "mỗi ngày", "lúc rảnh", "khi mô", "bữa mô", "ngày mô", "hôm mô",
    "lúc mô", "giờ mô",
)  # fmt: skip
_FAR = (
    "năm sau", "năm tới", "đầu năm", "cuối năm", "nửa tháng nữa", "tuần nữa", "bữa nữa", "hôm nữa", "ngày nữa",
    "tháng nữa", "lâu nữa", "thời gian nữa", "một thời gian nữa", "hàng tuần", "hằng tuần", "mỗi tuần", "hàng tháng",
    "hằng tháng",
)  # fmt: skip
_SOME = ("mấy", "vài", "ít", "dăm", "vài ba", "đôi ba", "chục", "dăm ba")


def _some_day(text: Text, i: int, today: date) -> Open | Day | None:
    if text.sentence(i, "mai mốt") and begins_hour(text, i + 1):
        return None  # "mai mot gio": "mai một giờ"
    if text.says(i, "đầu", "giữa", "cuối", "trong") and week_said(text, i + 1):
        return None  # the week tells more
    if end := text.sentence(i, *_SOME_DAY):
        return Open(start=i, end=end)
    about_ten = text.at(i)
    if about_ten and about_ten.low == "mươi" and (end := text.sentence(i + 1, *_FAR)):
        return Open(start=i, end=end, period="other")
    if end := text.sentence(i, *_FAR, *(f"{some} {far}" for some in _SOME for far in _FAR if far.endswith("nữa"))):
        return Open(start=i, end=end, period="other")
    at = text.sentence(i, "đầu", "giữa", "cuối") or i
    if end := text.sentence(i, "tuần thứ"):
        return Open(start=i, end=min(end + 1, len(text)), period="other")
    if (
        not text.says(at, "tháng")
        or text.says(at - 1, "mấy", "vài", "cả", "mạng", "hàng", "mỗi")
        or number(text, at - 1)
    ):
        return None
    found = month_said(text, at, today)
    if found and (found[0], found[1]) != (today.month, today.year):
        return Open(start=i, end=found[2], period="other")
    return Open(start=i, end=found[2] if found else at + 1, period="month") if at > i or found else None


def _named(text: Text, i: int, today: date) -> Day | Open | None:
    if text.says(i, "hôm", "bữa", "bửa", "buổi") and text.says(i + 1, "nay", "ni"):
        return _ahead(i, i + 2, today, 0)
    if text.says(i, "nay", "ni") and _is_today(text, i):
        return _ahead(i, i + 1, today, 0)
    at = i + 1 if text.says(i, "ngày", "hôm", "bữa", "bửa", "sớm") else i
    led = at > i
    if text.says(at, "mai", "mơi") and (led or _is_tomorrow(text, at)):
        return _ahead(i, at + 1, today, 1)
    if text.says(at, "mốt") and (led or _is_day_after(text, at)) and not begins_hour(text, at):
        return _ahead(i, at + 1, today, 2)
    if led and text.says(at, "kia") and not text.says(i, "hôm", "sớm"):
        return _ahead(i, at + 1, today, 2)
    if led and not text.bare(at) and text.says(at, "kìa"):
        return Open(start=i, end=at + 1)  # three days ahead to some, any other day to others
    return None


def _ahead(start: int, end: int, today: date, days: int) -> Day:
    return Day(start=start, end=end, by=By.DISTANCE, day=today + timedelta(days=days))


def _is_today(text: Text, i: int) -> bool:
    """Whether a lone "nay" is today: "chiều nay", "nay em lên"; not "năm nay", "từ nay"."""
    if text.says(i - 1, *PARTS) or text.sentence(i - 2, "trong ngày"):
        return True
    return (i == 0 or text.sort(i - 1) is Sort.MARK) and not text.says(i + 1, "mai", "về", "thì")


def _is_tomorrow(text: Text, i: int) -> bool:
    """Whether a lone "mơi" typed "moi" is tomorrow and not "mới", "mời". "mai" always is; names were seen before."""
    if not text.bare(i) or text.says(i, "mai"):
        return True
    return bool(text.says(i - 1, *PARTS)) and not text.says(i + 1, *COMING)


_BEFORE_A_DAY = ("hay", "hoặc", "và", "với", "để", "hẹn", "thì", "là", "từ", "qua", "sang")


def _is_day_after(text: Text, i: int) -> bool:
    """Whether a lone "mốt" typed "mot" is no "một"."""
    if not text.bare(i) or text.says(i - 1, *PARTS):
        return True
    alone = i == 0 or text.sort(i - 1) is Sort.MARK or bool(text.says(i - 1, *SELF, *_BEFORE_A_DAY))
    following = text.at(i + 1)
    return alone and (
        following is None
        or following.sort in (Sort.CLOCK, Sort.MARK)
        or bool(text.says(i + 1, *SELF, *KIN, *COMING, *POLITE, *PARTS, "lúc", "khoảng", "tầm", "cũng", "thì"))
    )


def _counted(text: Text, i: int, today: date) -> Day | Open | None:
    """ "3 ngày nữa", "hai tuần nữa"; "vài", "hai ba hôm nữa", "trong 3 ngày tới" are vague."""
    token = text.at(i)
    if token and token.sort is Sort.CHAIN and token.joints in ("-", "/") and text.says(i + 1, *LEAD, "tuần"):
        end = text.sentence(i + 2, "nữa", "tới")
        return Open(start=i, end=end, period="other") if end else None
    count = number(text, i)
    if count is None:
        return None
    unit = text.says(count.end, "ngày", "hôm", "bữa", "bửa", "tuần", "tháng", "năm", "tiếng", "giờ", "phút")
    at = text.sentence(count.end + 1, "làm việc") or count.end + 1
    end = text.sentence(at, "nữa", "tới", "sau nữa") if unit else 0
    if not end and unit == "tuần":
        end = text.sentence(at, "sau")
    if not end:
        return None
    exact = text.says(end - 1, "nữa") and at == count.end + 1 and unit in ("ngày", "hôm", "bữa", "bửa", "tuần")
    within = text.says(i - 1, "trong", "vòng") or (number(text, i - 1) and not text.says(i - 2, "thứ", *LEAD, "mùng"))
    listed = text.mark(i - 1, ",-/") and text.sort(i - 2) is Sort.NUMBER
    if not exact or within or listed or count.short or text.says(end - 2, "sau"):
        return Open(start=i, end=end, period="" if unit in ("tiếng", "giờ", "phút") else "other")
    if text.sentence(end, "có kết quả", "mới có", "là có", "sẽ có", "mới xong", "là xong"):
        return Open(start=i, end=end)
    return _ahead(i, end, today, count.value * (7 if unit == "tuần" else 1))
