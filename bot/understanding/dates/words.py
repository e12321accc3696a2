"""The words that dates are said with: standard, regional and in teencode; and how a typed word is matched to one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.understanding.repair import telex, vni
from bot.understanding.text import has_marks, is_syllable, plain, sound

# A word in another spelling, region or shorthand -> one or more of ours. Only what cannot be taken for another word.
SAME_AS = {
    "hnay": "hôm nay", "hqua": "hôm qua", "hum": "hôm", "bửa": "bữa", "bựa": "bữa", "xau": "sau", "sán": "sáng",
    "chìu": "chiều", "chìew": "chiều", "chju": "chiều", "chiu": "chiều", "xáng": "sáng",
    "sag": "sáng", "ság": "sáng", "sg": "sáng", "túi": "tối", "thág": "tháng", "thag": "tháng", "thg": "tháng",
    "cnhat": "chủ nhật", "cnhật": "chủ nhật", "nhựt": "nhật", "nhut": "nhật", "gjờ": "giờ", "gjo": "giờ",
    "bẩy": "bảy", "rưởi": "rưỡi", "hoac": "hoặc", "hok": "không",
    "ko": "không", "k": "không", "kh": "không", "hông": "không", "hong": "không", "hổng": "không", "hem": "không",
    "hơm": "không", "kg": "không", "khg": "không", "chẳng": "không", "chả": "không", "khum": "không",
    "dc": "được", "đc": "được", "dk": "được", "đk": "được", "đx": "được", "dx": "được", "mồng": "mùng",
    "r": "rồi", "rùi": "rồi", "gòi": "rồi", "ngàn": "nghìn", "ngan": "nghìn", "thiếu": "kém", "thieu": "kém",
    "lộn": "nhầm", "huỷ": "hủy", "rãnh": "rảnh", "z": "vậy",
}  # fmt: skip

# Typed with other marks than ours, these still are ours: no other word comes where they stand.
LOOSE = frozenset(
    {
        "thứ", "tuần", "ngày", "tháng", "chiều", "trưa", "giờ", "hôm", "bữa", "chủ", "chúa", "nhật", "rưỡi", "nữa",
        "mùng", "phút", "bốn", "chín", "mười", "kém", "tết", "rằm", "giêng", "chạp", "hoặc", "không", "được",
    }
)  # fmt: skip

# Typed without marks amid words that have them, these are words of their own: "sang" is not "sáng".
OWN_WITHOUT_MARKS = frozenset({"sáng", "sáu", "bảy", "tám", "năm", "này", "quá", "đi", "tạm", "bàn"})

UNITS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6, "bảy": 7, "tám": 8,
    "chín": 9,
}  # fmt: skip

PARTS = ("sáng", "trưa", "chiều", "tối", "đêm")
SHORT_PARTS = {"s": "sáng", "sa": "sáng", "am": "sáng", "ch": "chiều", "c": "chiều", "pm": "chiều"}

WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5}

# Typed without marks, these may be other words; beside those words they are not what they seem: "uy ban", "ket hon".
TWINS = {
    "bận": (
        ("ủy", "y", "các", "thôn", "may", "mua", "thu"),
        ("sao", "chính", "gốc", "photo", "đồ", "thân", "tin", "ơi", "nhân", "hành", "công", "vẽ"),
    ),
    "kẹt": ((), ("hôn", "quả", "thúc", "nối")),
    "nghỉ": (("đề", "kiến", "hội"), ("định", "là", "ngờ", "rằng")),
    "mắc": (("thắc",), ("dù",)),
    "trừ": (("tạm", "thường", "cư", "lưu", "đăng"), ()),
    "hủy": (("anh", "chú", "bác"), ()),
}  # fmt: skip
NEVER_BARE = frozenset({"bỏ", "đừng", "khỏi", "ngoài", "quên", "vướng", "khác", "trước"})

# Whoever speaks of themselves; whoever may also bear the name Mai; and what comes before a name.
SELF = ("em", "e", "mk", "mik", "tôi", "tui", "mình", "con", "cháu", "tớ")
KIN = ("chị", "cô", "bà", "bác", "dì", "thím", "mợ", "anh", "chú", "ông", "o", "mệ", "bé", "bạn", "gái")
NAMING = (
    "tên", "gặp", "hỏi", "nhờ", "gọi", "thị", "văn", "hoàng", "ban", "quỳnh", "hoa", "xuân", "thanh", "ngọc",
    "tuyết", "phương", "hồng", "đường", "phố", "phường", "thôn", "bản", "ấp", "cây", "của", "bảo", "kêu", "là",
)  # fmt: skip
COMING = (
    "lên", "ra", "đến", "tới", "qua", "ghé", "đi", "nộp", "lại", "sang", "vào", "làm", "rảnh", "chạy", "về", "có",
    "được", "lấy", "gửi", "hẹn", "đem", "mang", "xin", "nhận", "bận", "mới", "sẽ", "muốn", "rước", "xuống", "luôn",
)  # fmt: skip
POLITE = (
    "ạ", "nhé", "nha", "nhá", "nghen", "nghe", "hen", "hén", "hè", "đi", "thôi", "luôn", "ad", "vậy", "hả", "à",
    "nhỉ", "ơi", "với", "giùm", "giúp", "đó", "đấy", "nè", "gì", "á", "hỉ", "hỷ", "dạ", "vâng", "ok", "oke", "được",
    "rồi", "cho", "để",
)  # fmt: skip

_LISTED = (
    *LOOSE, *OWN_WITHOUT_MARKS, *UNITS, *PARTS, *SELF, *KIN, *NAMING, *COMING, *POLITE, "mai", "mơi", "kia", "kìa",
    "nay", "ni", "sau", "tới", "kế", "tiếp", "theo", "sắp", "đây", "vừa", "trước", "qua", "hay", "từ", "đến", "đầu",
    "cuối", "giữa", "trong", "vòng", "khoảng", "tầm", "chừng", "cỡ", "độ", "lúc", "hồi", "mươi", "chục", "hăm",
    "linh", "lẻ", "không", "nghìn", "trăm", "lịch", "âm", "dương", "ta", "tây", "buổi", "sớm", "xế", "khuya", "phải",
    "đừng", "nhầm", "quên", "dời", "đổi", "chuyển", "hoãn", "lùi", "thành", "số", "lần", "nhà", "vài", "mấy", "dăm",
    "ít", "khác", "nào", "lát", "nọ", "hổm", "kẹt", "mắc", "vướng", "tuổi", "sinh", "đẻ", "cấp", "việc", "và",
    "cùng", "mà", "nhưng", "còn", "nên",
)  # fmt: skip
_SOUNDS = frozenset(sound(word) for word in _LISTED)
_PLAINS = frozenset(plain(word) for word in _LISTED)
_LOOSE_PLAINS = frozenset(plain(word) for word in LOOSE)
# Slips of the finger are forgiven in these alone: long enough, and said in nearly every date.
_ANCHORS = {plain(word): word for word in ("tuần", "ngày", "tháng", "chiều", "sáng", "trưa", "nhật")}
_JOINED = {
    plain(one + other).replace(" ", ""): (one, other)
    for one, others in {
        "tuần": ("sau", "tới", "này"),
        "ngày": ("mai", "mốt", "kia"),
        "hôm": ("nay", "qua"),
        "bữa": ("nay", "ni", "kia"),
        "sáng": ("mai", "nay", "mốt", "mơi"),
        "chiều": ("mai", "nay", "mốt", "mơi"),
        "tối": ("mai", "nay"),
        "trưa": ("mai", "nay"),
        "thứ": ("hai", "ba", "tư", "năm", "sáu", "bảy"),
        "chủ": ("nhật",),
        "h": PARTS,
    }.items()
    for other in others
}


@lru_cache(maxsize=8_192)
def mended(low: str) -> tuple[str, ...]:
    """A typed word (lower case, NFC) spelt as ours are, as far as it is meant to be one of them."""
    if low in SAME_AS:
        return tuple(SAME_AS[low].split())
    if sound(low) in _SOUNDS or (not has_marks(low) and plain(low) in _PLAINS) or len(low) == 1:
        return (low,)
    if plain(low) in _JOINED and not is_syllable(low):
        return _split(low)
    for candidate in _spellings(low):
        if candidate != low and (sound(candidate) in _SOUNDS or plain(candidate) in _LOOSE_PLAINS):
            return (candidate,)
    if not is_syllable(low) and len(low) >= 4:
        for anchor, word in _ANCHORS.items():
            if len(anchor) >= 4 and anchor[0] == plain(low)[0] and OSA.distance(anchor, plain(low)) == 1:
                return (word,)
    return (low,)


def _split(low: str) -> tuple[str, ...]:
    one, other = _JOINED[plain(low)]
    if has_marks(low):
        return ("giờ" if one == "h" else one, other)
    return ("giờ" if one == "h" else plain(one), plain(other))


def _spellings(low: str) -> Iterator[str]:
    """What the fingers may have meant: letters that stuttered, Telex and VNI keys left raw."""
    once = re.sub(r"([^\W\d_])\1+$", r"\1", low)
    if not is_syllable(low) or once != low:
        yield once
        for typed in (low, once):
            yield telex(typed)
            yield vni(typed)


@lru_cache(maxsize=65_536)
def first_match(low: str, words: tuple[str, ...], marked: bool) -> str:
    """The first of these words of ours that a mended word can be, "" if none. `marked`: its writer uses marks."""
    return next((word for word in words if _matches(low, word, marked)), "")


@lru_cache(maxsize=65_536)
def beginning(low: str, wordings: tuple[str, ...], marked: bool) -> tuple[tuple[str, ...], ...]:
    """Those of these wordings, cut into words, whose first word a mended word can be."""
    cut = (tuple(wording.split()) for wording in wordings)
    return tuple(words for words in cut if _matches(low, words[0], marked))


@lru_cache(maxsize=16_384)
def _matches(low: str, word: str, marked: bool) -> bool:
    if plain(low) != plain(word):
        return False
    if has_marks(low):
        return sound(low) == sound(word) or word in LOOSE
    return not (marked and word in OWN_WITHOUT_MARKS)
