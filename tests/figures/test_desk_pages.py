"""The desk's pages of figures: on a real server, for somebody who has entered."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.desk.charts import draw
from bot.desk.pages import figures, guides, unanswered
from bot.dialogue.messages import Became, Count, KeepQuestion, Role
from bot.figures import Series
from bot.understanding.text import plain, words
from storage import Storage
from storage import figures as stored
from tests.desk.conftest import csrf_of, open_office
from tests.figures.test_official import HEAD, ROWS, xlsx

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{7*7}}"
ODD = "xin tiền nuôi ong mật ở bản"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Officer:
    """Somebody who has entered the desk."""

    browser: aiohttp.ClientSession
    url: str
    csrf: str
    storage: Storage
    folder: Path

    async def sees(self, path: str, status: int = 200) -> str:
        async with self.browser.get(self.url + path) as answer:
            assert answer.status == status
            return await answer.text()

    async def sends(self, path: str, **fields: str) -> str:
        async with self.browser.post(self.url + path, data={"csrf": self.csrf, **fields}) as answer:
            assert answer.status == 200
            return await answer.text()

    async def uploads(self, file: Path, **fields: str) -> str:
        form = aiohttp.FormData(fields)
        form.add_field("file", file.read_bytes(), filename=file.name)
        headers = {"X-CSRF-Token": self.csrf}
        async with self.browser.post(f"{self.url}/desk/so-lieu/nhap", data=form, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()


def folded(text: str) -> str:
    return " ".join(map(plain, words(text)))


def asked(text: str, became: Became = Became.NOT_KNOWN, score: float = 0.2, top: str = "khai-sinh") -> KeepQuestion:
    return KeepQuestion(text=text, became=became, folded=folded(text), candidates=((top, score),))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def officer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Officer]:
    folder = tmp_path_factory.mktemp("desk")
    overlay = folder / "xa"
    overlay.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CAMTAY_CONTENT_DIR", str(overlay))
        async with open_office(folder) as office:
            storage = office.app.storage
            await storage._write(fill)
            browser = await office.entered()
            csrf = await csrf_of(browser, f"{office.url}/desk/chua-hieu")
            yield Officer(browser, office.url, csrf, storage, folder)


def fill(connection: sqlite3.Connection) -> None:
    """What people asked and did before the officer came."""
    for question in (
        *[asked(ODD)] * 3,
        asked(f"{ODD} với"),
        asked("sửa cột điện", Became.ASKED_BACK),
        asked("chắc là việc này", Became.ANSWERED, 0.4),
        asked("chắc chắn việc này", Became.ANSWERED, 0.95),
        asked(EVIL),
    ):
        stored.keep_question(connection, question, "web", NOW)
    for kind, n in (("started", 40), ("papers", 38), ("ended-online-self", 12), ("answered", 30), ("rated-5", 4)):
        stored.count(connection, Count(kind=kind, procedure="khai-sinh", n=n, place=EVIL), "web", NOW)
    for kind, n in (("reached:mo-cong", 30), ("stuck:mo-cong", 9)):
        stored.count(connection, Count(kind=kind, procedure="khai-sinh", n=n), "web", NOW)


def plain_text(html: str) -> str:
    """What a reader sees."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_the_pages_are_for_officers(officer: Officer) -> None:
    assert {page.role for page in (*figures.PAGES, *guides.PAGES, *unanswered.PAGES)} == {Role.OFFICER}
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{officer.url}/desk/so-lieu") as answer:
        assert answer.url.path == "/desk/vao"


async def test_the_page_shows_the_figures_of_the_report(officer: Officer) -> None:
    text = plain_text(await officer.sees("/desk/so-lieu?month=2026-11"))

    assert "Số liệu tháng 11/2026" in text
    assert "Nộp xong 12 30 % (12/40) lượt bắt đầu" in text
    assert "chưa đủ 10 (4/4) lượt chấm hướng dẫn" in text
    assert "chưa nhập số liệu tháng này" in text


@pytest.mark.parametrize(
    "query", ["month=2031-01", "month=x", "month=0000-00", "only=x:y", f"only=procedure:{EVIL}", "only=place:"]
)
async def test_odd_questions_of_the_address_get_a_page_all_the_same(officer: Officer, query: str) -> None:
    assert "Số liệu tháng 11/2026" in plain_text(await officer.sees(f"/desk/so-lieu?{query}"))


async def test_charts_can_be_of_one_thing_alone(officer: Officer) -> None:
    assert "12 tháng: Đăng ký khai sinh" in plain_text(await officer.sees("/desk/so-lieu?only=procedure:khai-sinh"))
    html = await officer.sees("/desk/so-lieu?only=channel:telegram")
    assert "Câu hỏi: 12/25: 0" in unescape(html)


async def test_what_citizens_brought_is_text_everywhere(officer: Officer) -> None:
    for path in ("/desk/so-lieu", "/desk/so-lieu/bao-cao", "/desk/chua-hieu", "/desk/chua-hieu?q=script"):
        html = await officer.sees(path)
        assert "<script>alert" not in html
        assert "<img" not in html
    assert EVIL in plain_text(await officer.sees("/desk/chua-hieu")).replace("  ", " ") or EVIL in unescape(
        await officer.sees("/desk/chua-hieu")
    )


async def test_the_report_comes_as_page_workbook_and_table(officer: Officer) -> None:
    assert "Báo cáo tháng 11/2026" in plain_text(await officer.sees("/desk/so-lieu/bao-cao?month=2026-11"))
    for ending, start in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        async with officer.browser.get(f"{officer.url}/desk/so-lieu/2026-11.{ending}") as answer:
            assert answer.headers["Content-Disposition"] == f'attachment; filename="bao-cao-2026-11.{ending}"'
            assert (await answer.read()).startswith(start)


async def test_official_numbers_come_in_by_the_page(officer: Officer) -> None:
    said = plain_text(await officer.uploads(xlsx(officer.folder, [HEAD, *ROWS], "tot.xlsx")))
    assert "Đã nhập số liệu 2026-10, 2026-11: thêm 3 dòng" in said
    bad = xlsx(officer.folder, [HEAD, [*ROWS[0][:3], "x", *ROWS[0][4:]]], "hong.xlsx")
    said = plain_text(await officer.uploads(bad, month="2026-11"))
    assert "Chưa nhập gì" in said
    assert "hong.xlsx: chưa nhập gì, cần sửa: dòng 2: cột “Tiếp nhận”: “x” không phải số" in said
    assert "không phải tháng" in plain_text(await officer.uploads(bad, month="xx"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(figures, "FILE_LIMIT", 1_000)
        assert "lớn quá 5 MB" in plain_text(await officer.uploads(bad))
    text = plain_text(await officer.sees("/desk/so-lieu"))
    assert "Xã Suối Hoa 150 92,3 % đạt (120/130) 52,7 % đạt (79/150)" in text
    assert "Nguồn: tot.xlsx, nhập 23/11/2026" in text


async def test_guides_show_where_people_are_stuck(officer: Officer) -> None:
    assert "30 % (9/30)" in plain_text(await officer.sees("/desk/huong-dan"))
    one = plain_text(await officer.sees("/desk/huong-dan/khai-sinh"))
    assert "Xem danh sách giấy tờ 38 95 % (38/40)" in one
    assert "30 % (9/30)" in one
    await officer.sees("/desk/huong-dan/khong-co", status=404)


async def test_questions_alike_stand_together_and_sure_answers_do_not_wait(officer: Officer) -> None:
    text = plain_text(await officer.sees("/desk/chua-hieu"))

    assert f"{ODD} 4 lần" in text
    assert "2 cách nói" in text
    assert "chắc là việc này" in text
    assert "chắc chắn việc này" not in text
    assert "sửa cột điện" not in plain_text(await officer.sees("/desk/chua-hieu?kind=not-known"))
    found = plain_text(await officer.sees("/desk/chua-hieu?q=CỘT điệ"))
    assert "sửa cột điện" in found
    assert ODD not in found


async def test_the_first_page_tells_what_was_not_understood(officer: Officer) -> None:
    assert f"Bot chưa hiểu 7 câu trong 7 ngày. Nhiều nhất: {ODD} (4)" in plain_text(await officer.sees("/desk"))


async def test_a_question_is_taught_and_leaves_the_list_and_can_be_taken_back(officer: Officer) -> None:
    said = plain_text(
        await officer.sends("/desk/chua-hieu/nghia", said=ODD, id="Hỗ trợ chi phí mai táng", folded=folded(ODD))
    )
    assert "Đã thêm." in said
    assert f"“{ODD}” → Hỗ trợ chi phí mai táng" in said
    assert f"{ODD} 4 lần" not in said

    back = await officer.sends("/desk/chua-hieu/go", said=ODD, id="mai-tang-phi")
    assert "Đã gỡ." in plain_text(back)


async def test_what_would_break_is_refused_with_the_answer_that_would(officer: Officer) -> None:
    said = plain_text(
        await officer.sends("/desk/chua-hieu/nghia", said="làm giấy khai sinh", id="can-cuoc", folded="")
    )

    assert "Không thêm: câu khác đang được trả lời đúng sẽ bị hiểu sai." in said
    assert "đang được trả lời là “Đăng ký khai sinh”" in said


async def test_what_was_seen_goes_and_the_log_says_by_whom(officer: Officer) -> None:
    assert "Đã bỏ 1 câu" in plain_text(await officer.sends("/desk/chua-hieu/da-xem", folded=folded("sửa cột điện")))
    assert "sửa cột điện" not in plain_text(await officer.sees("/desk/chua-hieu"))
    rows = await officer.storage._read(
        lambda connection: connection.execute("SELECT actor, detail FROM audit WHERE act = 'questions'").fetchall()
    )
    assert ("Chị Lan", True) in {(row["actor"], "đã xem" in row["detail"]) for row in rows}


# --- charts --------------------------------------------------------------------------------------------------------


async def test_a_line_breaks_where_there_is_no_figure() -> None:
    points = (10.0, 20.0, None, 40.0, 50.0)
    chart = draw(Series(name="Tỷ lệ", points=points, unit="%", target=50, said=tuple(map(str, points))), "abcde")

    assert len(chart.dots) == 4
    assert len(chart.lines) == 2
    assert [tick.text for tick in chart.scale] == ["0 %", "50 %", "100 %"]
    assert chart.target_at == chart.scale[1].at
    assert chart.summary == "Tỷ lệ: a: 10.0; b: 20.0; d: 40.0; e: 50.0"


@pytest.mark.parametrize(
    ("most", "top"), [(0, "4"), (7, "8"), (10, "10"), (999, "1.000"), (1000, "1.000"), (1001, "2.000")]
)
async def test_the_scale_ends_at_a_round_number(most: int, top: str) -> None:
    chart = draw(Series(name="Số", points=(most,), said=(str(most),)), ["một"])

    assert chart.scale[-1].text == top
    assert all(0 <= dot.y <= chart.height for dot in chart.dots)
