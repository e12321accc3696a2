"""Personal numbers are masked before anything is written; fees, dates and codes are not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy import CARD, EMAIL, ID, OTP, PHONE, PLATE, mask

PHRASES = 500
MISSED_AT_MOST = 0.01
WRONG_AT_MOST = 0.01


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("căn cước của tôi 001085012345 nhé", f"căn cước của tôi {ID} nhé"),
        ("CCCD:001085012345", f"CCCD:{ID}"),
        ("cccd001085012345", f"cccd{ID}"),
        ("001 085 012 345", ID),
        ("chứng minh cũ 012.345.678", f"chứng minh cũ {ID}"),
        ("gọi em 0912 345 678 ạ", f"gọi em {PHONE} ạ"),
        ("sđt.0912.345.678", f"sđt.{PHONE}"),
        ("+84 912-345-678", PHONE),
        ("84912345678", PHONE),
        ("máy bàn (024) 3825 1234", f"máy bàn {PHONE}"),
        ("0912345678 2 người", f"{PHONE} 2 người"),
        ("thẻ 9704 1234 5678 9012", f"thẻ {CARD}"),
        ("stk 1234567890 Vietcombank", f"stk {CARD} Vietcombank"),
        ("nguyen.van.a@gmail.com", EMAIL),
        ("mã OTP là 482913", f"mã OTP là {OTP}"),
        ("482913 là mã xác nhận của bạn", f"{OTP} là mã xác nhận của bạn"),
        ("xe 29A-123.45 của em", f"xe {PLATE} của em"),
        ("biển 59X1-12345", f"biển {PLATE}"),
        ("30E 12345", PLATE),
    ],
)
def test_a_personal_number_is_replaced_by_what_it_was(said: str, stored: str) -> None:
    assert mask(said) == stored


@pytest.mark.parametrize(
    "said",
    [
        "lệ phí 8.000đ một bản",
        "bán đất 20.000.000 đồng",
        "phạt 200 nghìn hay 1500000 đồng",
        "hẹn ngày 22/11/2026 lúc 8h30",
        "từ 22-11-2026 đến 2026-11-30",
        "thủ tục 1.001193",
        "Nghị định 123/2015/NĐ-CP, điều 9 khoản 2",
        "bác sinh năm 1953, 72 tuổi",
        "hồ sơ H01.23-261122-0001 tới đâu rồi",
        "mã G22.99.08-260101-0001",
        "gọi 18001096, 1022, 113 hay 1900 1009",
        "không thấy mã OTP về từ năm 2024",
        "OTP không về thì gọi 1022",
        "hai người 12 tuổi và 14 tuổi",
        "thửa 123 tờ bản đồ 45, rộng 120m2",
    ],
)
def test_what_is_not_personal_stays(said: str) -> None:
    assert mask(said) == said


def test_several_numbers_in_one_message_are_all_masked() -> None:
    said = "em là A, cccd 001085012345, sđt 0912345678, hẹn 22/11/2026"

    assert mask(said) == f"em là A, cccd {ID}, sđt {PHONE}, hẹn 22/11/2026"


@given(st.text())
def test_masking_twice_changes_nothing(said: str) -> None:
    assert mask(mask(said)) == mask(said)


@given(st.text(alphabet="0123456789 .-+/()ABđotpOTPmãstk⟨⟩@:", max_size=60))
def test_masking_twice_changes_nothing_among_digits(said: str) -> None:
    assert mask(mask(said)) == mask(said)


# --- 500 and 500 generated phrases --------------------------------------------------------------------------------

Make = Callable[[random.Random], str]


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _grouped(chance: random.Random, digits: str, *groupings: tuple[int, ...]) -> str:
    """The digits as people write them: whole, or in groups with spaces, dots or dashes."""
    sizes = chance.choice([(len(digits),), *groupings])
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return chance.choice([" ", ".", "-"]).join(parts)


def _identity(chance: random.Random) -> str:
    digits = f"{chance.randint(1, 96):03}{chance.randint(0, 9)}{_digits(chance, 8)}"
    return _grouped(chance, digits, (3, 3, 3, 3), (4, 4, 4), (3, 3, 6), (6, 6), (3, 1, 2, 6))


def _old_identity(chance: random.Random) -> str:
    return _grouped(chance, chance.choice("0123") + _digits(chance, 8), (3, 3, 3), (3, 6))


def _phone(chance: random.Random) -> str:
    rest = chance.choice("35789") + _digits(chance, 8)
    key = chance.choice(["0", "+84", "84", "+84 ", "(+84) "])
    if key != "0":
        return key + _grouped(chance, rest, (3, 3, 3), (2, 3, 4))
    return _grouped(chance, key + rest, (4, 3, 3), (3, 3, 4), (4, 6), (2, 4, 4), (2, 2, 2, 2, 2))


def _card(chance: random.Random) -> str:
    digits = "9704" + _digits(chance, chance.choice([12, 15]))
    return _grouped(chance, digits, *([(4, 4, 4, 4)] if len(digits) == 16 else [(4, 4, 4, 4, 3)]))


def _account(chance: random.Random) -> str:
    named = chance.choice(["stk ", "STK: ", "số tài khoản ", "so tai khoan ", "tài khoản ngân hàng của tôi là "])
    return named + _digits(chance, chance.randint(8, 15))


def _email(chance: random.Random) -> str:
    name = "".join(chance.choice("abcdefghijklmnoptu") for _ in range(6))
    return f"{name}{chance.choice(['', '.', '_'])}{_digits(chance, 2)}@{chance.choice(['gmail.com', 'yahoo.com.vn'])}"


def _code(chance: random.Random) -> str:
    code = _digits(chance, chance.choice([4, 6, 6, 6, 8]))
    return chance.choice(["mã OTP {}", "otp: {}", "mã xác nhận là {}", "mã xác thực {}", "{} là mã otp"]).format(code)


def _plate(chance: random.Random) -> str:
    province = chance.randint(11, 99)
    series = chance.choice("ABCDEFGHKLMNPSTUVXYZ") + chance.choice(["", "", "1", "2", "9"])
    number = _digits(chance, 5)
    joined = chance.choice(["{}{}-{}.{}", "{}{} {}{}", "{}{}-{}{}", "{}-{} {}.{}", "{}{}{}{}"])
    return joined.format(province, series, number[:3], number[3:])


def _money(chance: random.Random) -> str:
    return chance.choice(
        [
            f"{chance.randint(1, 999)}.000đ",
            f"{chance.randint(1, 99)}.{chance.randint(100, 999)}.000 đồng",
            f"{chance.randint(1, 900)} nghìn",
            f"{chance.randint(1, 90)} triệu",
            f"{chance.randint(1, 900)}000 đồng",
            f"{chance.randint(5, 900)}k",
            f"{chance.randint(1, 9)}.{chance.randint(100, 999)}.000.000 đ",
        ]
    )


def _date(chance: random.Random) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1940, 2030)
    return chance.choice(
        [
            f"{day}/{month}/{year}",
            f"{day:02}-{month:02}-{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day:02}.{month:02}.{year}",
            f"{day}/{month}",
            f"{chance.randint(0, 23)}h{chance.randint(0, 59):02} ngày {day}/{month}/{year}",
            f"{chance.randint(7, 17)}:{chance.randint(0, 59):02}",
            f"năm {year}",
        ]
    )


def _official(chance: random.Random) -> str:
    return chance.choice(
        [
            f"{chance.choice([1, 2, 3])}.{chance.randint(0, 13000):06}",
            f"{chance.randint(1, 400)}/{chance.randint(2008, 2026)}/{chance.choice(['NĐ-CP', 'TT-BTC', 'QH15'])}",
            f"H{chance.randint(1, 63):02}.{chance.randint(1, 99):02}-261122-{_digits(chance, 4)}",
            f"G22.{_digits(chance, 2)}.{_digits(chance, 2)}-260101-{_digits(chance, 4)}",
            f"điều {chance.randint(1, 200)} khoản {chance.randint(1, 9)}",
            f"{chance.randint(1, 99)} tuổi",
            chance.choice(["18001096", "1022", "113", "114", "115", "1900 1009", "19001009", "1900.1009"]),
            f"{chance.randint(20, 900)}m2",
            f"thửa {chance.randint(1, 900)} tờ bản đồ {chance.randint(1, 90)}",
        ]
    )


BEFORE = ["", "của em là ", "cho em hỏi ", "dạ ", "số ", "em gửi: ", "xem giúp bác ", "(", "mình ghi "]
AFTER = ["", " ạ", " nhé cháu", ", cảm ơn", ". Xem giúp", "?", " được không", ")", "!"]


def _phrases(makers: list[Make]) -> list[tuple[str, str]]:
    """What was typed, and the number in it."""
    chance = random.Random(20261122)
    said = []
    for _ in range(PHRASES):
        number = chance.choice(makers)(chance)
        said.append((chance.choice(BEFORE) + number + chance.choice(AFTER), number))
    return said


def test_of_five_hundred_personal_numbers_hardly_one_slips_through() -> None:
    makers = [_identity, _old_identity, _phone, _phone, _card, _account, _email, _code, _plate]
    missed = [said for said, _ in _phrases(makers) if sum(char.isdigit() for char in mask(said)) or "@" in mask(said)]

    assert len(missed) <= MISSED_AT_MOST * PHRASES, missed


def test_of_five_hundred_other_numbers_hardly_one_is_masked() -> None:
    wrong = [(said, mask(said)) for said, _ in _phrases([_money, _date, _official]) if mask(said) != said]

    assert len(wrong) <= WRONG_AT_MOST * PHRASES, wrong
