"""The library of ready tips, and what is refused in one before anybody reads it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.knowledge import Knowledge
from content.models import TIP_LENGTH, Season, Style
from content.tip_lint import SCRIPT_SECONDS, lint, script_flaws, script_seconds
from tests.content.conftest import TIPS, Author

OFFICIAL = ["dichvucong.gov.vn"]
HOTLINES = ["0200 000 0000", "18001096"]
PLAIN = Style(longest_sentence=26, abbreviations=("OTP", "QR"), officialese={"xuất trình": "đưa cho xem"})
GOOD = "Nhà có bé mới sinh, bác nhớ khai sinh trong 60 ngày. Quá hạn vẫn làm được."


def flaws(text: str) -> str:
    return "\n".join(lint(text, OFFICIAL, HOTLINES, PLAIN))


# --- the library --------------------------------------------------------------------------------------------------


def test_the_library_has_thirty_tips_and_each_may_be_sent_as_it_stands(knowledge: Knowledge) -> None:
    content = knowledge.content
    numbers = [line.number for line in content.locality.hotlines]

    assert len(content.tips.tips) >= 30
    for tip in content.tips.tips:
        assert lint(tip.text, content.tips.official, numbers, content.style) == [], tip.id
        assert script_flaws(content.tips.script(tip), content.tips.official, numbers) == [], tip.id


def test_each_tip_was_read_in_its_guide_no_earlier_than_the_guide_was_checked(knowledge: Knowledge) -> None:
    for tip in knowledge.content.tips.tips:
        guide = knowledge.content.guides.get(tip.opens) or knowledge.content.topics[tip.opens]
        assert tip.checked >= guide.checked, tip.id


def test_on_every_day_of_two_years_there_is_something_in_season(knowledge: Knowledge) -> None:
    day = date(2026, 11, 23)
    for days in range(0, 730, 7):
        assert len([tip for tip in knowledge.content.tips.tips if tip.in_season(day + timedelta(days=days))]) >= 20


def test_a_season_may_go_over_the_turn_of_the_year() -> None:
    wedding = Season(from_="09-01", until="01-31")

    assert [wedding.has(date(2026, month, 15)) for month in (8, 9, 12, 1, 2)] == [False, True, True, True, False]


def test_what_ends_is_not_offered_any_more(knowledge: Knowledge) -> None:
    half_price = next(tip for tip in knowledge.content.tips.tips if tip.id == "doi-can-cuoc-nua-gia")

    assert half_price.in_season(date(2026, 12, 31))
    assert not half_price.in_season(date(2027, 1, 1))


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_plain_tip_has_no_flaws() -> None:
    assert flaws(GOOD) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{GOOD} Bác vào bit.ly/ks60 để đăng ký nhé.", "bit.ly/ks60"),
        (f"{GOOD} Xem ở https://dichvucong-gov.vn.xyz/nhan.", "không có trong danh sách"),
        (f"{GOOD} Xem ở dichvucong.gov.vn.lua-dao.com nhé.", "không có trong danh sách"),
        (f"{GOOD} Gọi ngay 0912 345 678 nhé.", "0912 345 678"),
        (f"{GOOD} Gọi 0912.345.678.", "dãy số"),
        (f"{GOOD} Gọi +84 912 345 678.", "dãy số"),
        (f"{GOOD} Bác gửi số điện thoại cho cháu.", "xin số hay mã riêng"),
        (f"{GOOD} Bác nhắn mã OTP để cháu làm giúp.", "xin số hay mã riêng"),
        (f"{GOOD} Bác chụp ảnh căn cước.", "xin số hay mã riêng"),
        (f"{GOOD} Bà con ủng hộ quỹ thôn 50 nghìn.", "nói chuyện đưa tiền"),
        (f"{GOOD} Quét mã QR để chuyển phí.", "nói chuyện đưa tiền"),
        (f"{GOOD} Khi đi xuất trình căn cước.", "đưa cho xem"),
        (f"{GOOD} " + "và rồi " * 30, "câu dài"),
        (GOOD * 5, f"nhiều nhất {TIP_LENGTH}"),
        ("Chào bác.", "quá ngắn"),
    ],
)
def test_what_a_swindler_would_write_is_refused(text: str, why: str) -> None:
    assert why in flaws(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD} Xem trên dichvucong.gov.vn nhé.",
        f"{GOOD} Hỏi tổng đài 18001096.",
        f"{GOOD} Đừng đọc mã OTP cho ai.",
        f"{GOOD} Ai bảo chuyển tiền thì đừng chuyển.",
        f"{GOOD} Điều này đúng đến hết 31/12/2026.",
        f"{GOOD} Phí 10.000 đồng trên mạng, 20.000 đồng tại quầy.",
    ],
)
def test_what_an_honest_author_writes_is_not(text: str) -> None:
    assert flaws(text) == ""


def test_a_script_is_read_in_half_a_minute_to_a_minute() -> None:
    least, most = SCRIPT_SECONDS
    assert script_seconds("bà con " * 70) == 140 / 3.5
    assert script_flaws("bà con " * 70, OFFICIAL, HOTLINES) == []
    assert "giây" in script_flaws("bà con", OFFICIAL, HOTLINES)[0]
    assert f"từ {least} đến {most} giây" in script_flaws("bà con " * 200, OFFICIAL, HOTLINES)[0]


# --- an author of the commune -------------------------------------------------------------------------------------

TIP = """\
official: [dichvucong.gov.vn]
opening: Mời bà con nghe.
closing: Xin cảm ơn bà con.
tips:
  - id: khai-sinh-som
    title: Khai sinh sớm
    opens: khai-sinh
    checked: 2026-11-01
    text: Nhà có bé mới sinh, bác nhớ khai sinh sớm nhé.
    loudspeaker: {script}
"""


def test_a_tip_of_the_commune_is_read_and_one_that_is_unsound_refused(author: Author) -> None:
    good = TIP.format(script="Bà con nhớ khai sinh. " * 28)
    author.writes(TIPS, good)
    assert [tip.id for tip in author.loads().tips.tips] == ["khai-sinh-som"]

    author.writes(TIPS, good.replace("opens: khai-sinh", "opens: khai-sin"))
    assert author.words() == ["không có thủ tục hay câu hỏi 'khai-sin'; có phải 'khai-sinh'?"]
    author.writes(TIPS, good.replace("sớm nhé", "sớm ở bit.ly/a nhé"))
    assert "danh sách trang chính thức" in author.words()[0]
    author.writes(TIPS, TIP.format(script="Bà con nhớ đi khai sinh sớm cho bé nhé."))
    assert "giây" in author.words()[0]
