"""Recognisers of what only looks like a date: house numbers, ordinals, money, codes, names, days of other events."""

from __future__ import annotations

from datetime import date

from bot.understanding.dates.distances import distance
from bot.understanding.dates.mentions import Mention, Nothing
from bot.understanding.dates.months import day_of_month, full_date
from bot.understanding.dates.numbers import number, numbers
from bot.understanding.dates.tokens import Sort, Text
from bot.understanding.dates.weekdays import weekday
from bot.understanding.dates.words import COMING, KIN, NAMING, PARTS, SELF

_ORDERED = (
    "lần", "đứa", "bước", "hàng", "tầng", "cửa", "quầy", "trang", "cuốn", "câu", "điều", "khoản", "khóa", "đợt",
    "kỳ", "hạng", "loại", "mục", "số", "trí", "quý", "đời", "trai", "gái", "vợ", "chồng", "người", "bé", "con",
    "cháu", "thửa", "phòng", "cách", "ca", "mũi", "liều", "xếp", "dâu", "rể", "út", "tháng", "năm", "buổi",
)  # fmt: skip
_MAYBE_SELF = ("con", "cháu", "bé", "vợ", "chồng", "người", "trai", "gái", "năm")
_HOUSES = (
    "số", "nhà", "ngõ", "ngách", "hẻm", "kiệt", "đường", "phố", "lô", "căn", "phòng", "quầy", "cửa", "tổ", "ấp",
    "thôn", "khu", "xóm", "đội", "bản", "tầng", "block", "thửa", "tờ", "sạp", "dãy", "stt", "khóm", "buôn", "quận",
    "phường", "mã", "km", "biển", "bàn", "điều", "khoản", "mẫu", "tòa", "toà", "ô", "chung", "cư", "chợ", "ql",
    "tỉnh", "lộ",
)  # fmt: skip
_NAMED_AFTER_A_DAY = ("trường", "viện", "viên", "đài", "trại", "nghiệp", "ty", "chợ", "cầu", "sn", "nhóm")
_STREETS = ("đường", "phố", "ngõ", "hẻm", "kiệt", "ấp", "quốc", "khu", "thôn", "tổ", "phường", "xã")
_COUNTED = (
    "ngày", "hôm", "bữa", "tuần", "tháng", "năm", "tiếng", "phút", "lần", "người", "đứa", "bản", "tờ", "bộ", "tuổi",
    "nghìn", "ngàn", "đồng", "đ", "triệu", "tr", "vnd", "củ", "trang", "mét", "km", "cây",
)  # fmt: skip
_NO_TIMES = tuple(
    wording.format(part)
    for part in ("sáng", "trưa", "chiều", "tối", "đêm")
    for wording in ("chào buổi {}", "chúc buổi {}", "ca {}", "{} giờ em", "{} đến giờ", "{} tới giờ")
)
_PASTS = ("sinh", "đẻ", "sanh")
_EVENTS = (
    "hết hạn",
    "có hạn",
    "quá hạn",
    "cấp ngày",
    "mất ngày",
    "mất hôm",
    "cưới ngày",
    "cưới hôm",
    "cưới",
    "ký ngày",
    "hạn chót",
    "hạn nộp",
    "hạn cuối",
    "thời hạn",
    "ghi ngày",
)


def nothing(text: Text, i: int, today: date) -> Mention | None:
    """Numbers, ordinals and names that are no date, so that nothing else reads them as one."""
    if text.sort(i) is Sort.CODE:
        return Nothing(start=i, end=i + 1)
    end = _phone(text, i) or _ordinal(text, i) or _house(text, i) or _fraction(text, i) or _amount(text, i)
    end = end or _mai_as_a_name(text, i) or _event(text, i, today) or text.sentence(i, *_NO_TIMES)
    return Nothing(start=i, end=end) if end else None


def _phone(text: Text, i: int) -> int:
    """Numbers side by side that begin with 0 and have nine digits or more."""
    at, digits = i, 0
    while text.sort(at) in (Sort.NUMBER, Sort.CHAIN) and text.tokens[at].joints.strip(".-") == "":
        digits += sum(text.tokens[at].lengths)
        at += 1
    begins = at > i and text.tokens[i].text.startswith(("0", "84"))
    return at if begins and digits >= 9 else 0


def _ordinal(text: Text, i: int) -> int:
    """ "lần thứ 3", "con thứ hai", "số thứ tự 15"."""
    if text.sentence(i, "thứ tự"):
        at = i + 2
        if text.says(i - 1, "số") or not text.bare(i + 1):
            return at + 1 if text.sort(at) is Sort.NUMBER else at
    if not text.says(i, "thứ") or not text.says(i - 1, *_ORDERED):
        return 0
    found = number(text, i + 1)
    if found is None:
        return 0
    one = text.says(i - 1, *_MAYBE_SELF)
    if one and not text.says(i - 2, "cho", "sinh", "đẻ", "có", "đứa", "của", "là", "thằng", "nuôi", "bé", "làm"):
        dated = text.sentence(found.end, "tuần sau", "tuần tới", "tuần này", "tới", "này")
        free = text.says(found.end, "lên", "ra", "đến", "qua", "ghé", "nộp", "rảnh", "lúc", *PARTS)
        if dated or free or text.sort(found.end) is Sort.CLOCK:
            return 0
    return found.end


def _house(text: Text, i: int) -> int:
    """ "số 12/5", "ngõ 8", "đường 30/4", "12/5 Lê Lợi"."""
    token = text.at(i)
    if token is None or token.sort not in (Sort.NUMBER, Sort.CHAIN) or ":" in token.joints:
        return 0
    if text.says(i - 1, "đường", "phố", "trường") and text.says(i + 1, "tháng") and (month := number(text, i + 2)):
        return month.end
    named = text.says(i - 1, *_HOUSES) and not text.says(i - 1, "bàn" if text.bare(i - 1) else "")
    if named and not text.says(i + 1, "giờ", "rưỡi", "h", "g"):
        return i + 1
    if token.sort is Sort.NUMBER:
        return 0
    if "/" not in token.joints:
        return 0
    at_home = any(text.says(at, "ở", "tại", "chỉ") for at in range(max(0, i - 2), i))
    street = text.says(i + 1, *_STREETS) or (text.capital(i + 1) and (at_home or text.capital(i + 2)))
    calendar_word = text.says(i + 1, *SELF, *KIN, *COMING, *PARTS, "thứ", "lúc", "năm", "tức", "chủ")
    return i + 1 if (street and not calendar_word) or (at_home and not calendar_word and text.at(i + 1)) else 0


def _fraction(text: Text, i: int) -> int:
    """ "trực 24/7", "1/2 ngày", "2-3 bản"."""
    token = text.at(i)
    if token is None or token.sort is not Sort.CHAIN or token.joints not in ("/", "-", "."):
        return 0
    if token.joints != "/":
        return 0 if not text.says(i + 1, *_COUNTED) or _month_or_more(text, i + 1) else i + 2
    if token.numbers == (24, 7) and text.says(i - 1, "trực", "trợ", "mở", "cửa", "việc", "suốt", "vụ", "động", "đài"):
        return i + 1
    if text.says(i - 1, *_NAMED_AFTER_A_DAY):
        return i + 1
    return (
        i + 1 if text.says(i + 1, "điểm", "ngày", "buổi", "hồ", "giá", "tổng", "tháng", "tiếng", "số", "phần") else 0
    )


def _month_or_more(text: Text, at: int) -> bool:
    """Whether "tháng" begins the month of a date, or what is counted lies ahead."""
    return bool(text.says(at + 1, "nữa", "này", "sau", "tới")) or (
        text.says(at, "tháng") != "" and bool(number(text, at + 1))
    )


def _amount(text: Text, i: int) -> int:
    """ "5 ngày làm việc", "3 tháng tuổi", "50 nghìn": numbers of something, unless so much of it lies ahead."""
    if text.says(i - 1, "ngày", "mùng", "mồng", "thứ", "tháng", "lúc"):
        return 0
    for found in numbers(text, i):
        counted = text.says(found.end, *_COUNTED)
        if not counted or text.says(found.end + 1, "nữa"):
            continue
        if counted == "tháng" and number(text, found.end + 1) and not text.says(i - 1, "bé", "con", "cháu"):
            return 0
        if counted in ("tháng", "ngày", "năm") and text.says(found.end + 1, "này", "sau", "tới", "mai", "mùng"):
            return 0
        return found.end + 1
    return 0


def _mai_as_a_name(text: Text, i: int) -> int:
    """ "chị Mai", "Mai Thị Hoa", "xã Hoàng Mai", "mai táng": not tomorrow."""
    if not text.says(i, "mai"):
        return 0
    if text.says(i + 1, "táng", "mối", "vàng", "phục", "rùa", "ơi", "thị", "văn", "linh"):
        return i + 1
    if text.says(i - 1, *NAMING) and not text.says(i - 1, "gặp", "là", "gọi", "nhờ", "hỏi", "bảo", "kêu", "của"):
        return i + 1
    capital, called = text.capital(i), text.says(i - 1, *KIN, *NAMING)
    if capital and (called or text.says(i - 1, *SELF) or not _may_precede_tomorrow(text, i - 1)):
        return i + 1
    if text.tokens[i].text[0].isupper() and text.capital(i + 1) and not text.says(i + 1, *SELF, *KIN, *PARTS, "thứ"):
        return i + 1
    if called and not text.says(i - 1, "là", "của"):
        return i + 1 if not text.says(i + 1, *COMING, "lúc", *PARTS) or _other_day(text, i) else 0
    if text.says(i - 1, *SELF) and text.says(i + 1, "đây", "ạ", "nè"):
        return i + 1
    return 0


def _may_precede_tomorrow(text: Text, i: int) -> bool:
    return bool(
        text.says(i, *PARTS, "ngày", "hôm", "sớm", "giờ", "rưỡi", "vào", "hẹn", "để", "bữa", "cho")
    ) or text.sort(i) in (Sort.CLOCK, Sort.NUMBER, Sort.MARK, Sort.CHAIN)


def _other_day(text: Text, i: int) -> bool:
    others = [at for at in range(len(text)) if at != i]
    return any(
        text.says(at, "thứ", "mai", "mốt", "tuần") or text.sort(at) is Sort.CHAIN or text.sentence(at, "hôm nay")
        for at in others
    )


def _event(text: Text, i: int, today: date) -> int:
    """The day of something else, "sinh ngày 12/10", "mới đẻ hôm qua", "hết hạn 30/11": no appointment."""
    if text.says(i, *_PASTS):
        other_word = text.says(i - 1, "khai", "giấy", "chứng", "học", "giáng", "thí", "vệ")
        for_sure = not text.says(i, "đẻ") or not text.bare(i) or text.says(i - 1, "mới", "vừa", "vợ", "sắp")  # "để"
        at = i + 1 if for_sure and not other_word else 0
    else:
        at = text.sentence(i, *_EVENTS)
        at = at - 1 if at and text.says(at - 1, "ngày", "hôm") else at
    if not at:
        return 0
    while text.says(at, "vào", "hồi", "lúc", "bé", "cháu", "con", "là", "đến", "tới", "từ"):
        at += 1
    said = full_date(text, at, today) or distance(text, at, today) or weekday(text, at, today)
    return (said or day_of_month(text, at, today) or Nothing(start=at, end=0)).end
