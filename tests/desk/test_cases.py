"""The pages of cases, asked for over HTTP, over a whole house with a citizen in it."""

from __future__ import annotations

import re
from collections import Counter as Counts
from datetime import date
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
import yaml

from bot.desk.case_pages import faq_patch
from bot.dialogue.cases import CaseKind, Officer
from bot.dialogue.messages import OpenCase, Reply, Role
from content.models import Faq
from tests.desk.conftest import Office
from tests.storage.test_cases import answer, heard

BA = 700_777


class Counter:
    """Chị Lan at the desk, and bà Ba at the other end."""

    def __init__(self, office: Office, browser: aiohttp.ClientSession) -> None:
        self.office, self.app, self._browser = office, office.app, browser
        self.csrf = ""

    async def get(self, path: str, **how: Any) -> str:
        async with self._browser.get(self.office.url + path, **how) as response:
            assert response.status == 200, path
            page = await response.text()
        if found := re.search(r'name="csrf" value="([^"]+)"', page):
            self.csrf = found[1]
        return page

    async def sees(self, path: str) -> str:
        return await self.get(path)

    async def status(self, method: str, path: str, **form: str) -> int:
        data = {"csrf": self.csrf, **form} if method == "POST" else None
        async with self._browser.request(
            method, self.office.url + path, data=data, allow_redirects=False
        ) as response:
            return response.status

    async def does(self, code: str, act: str, **form: str) -> None:
        assert await self.status("POST", f"/desk/viec/{code}/{act}", **form) == 303
        await self.app.settle()

    def told(self, who: int = BA) -> list[str]:
        """What that chat has received."""
        return [
            call["text"]
            for method, call in self.office.chat.calls
            if method == "sendMessage" and int(call["chat_id"]) == who
        ]

    async def citizen(self, *texts: str) -> str:
        """What bà Ba receives after saying these."""
        before = len(self.told())
        for text in texts:
            await self.office.says(text, BA)
        return "\n".join(self.told()[before:])

    async def asks(self, question: str = "mất giấy chứng sinh thì xin lại ở đâu") -> str:
        """… a human; the code of her case."""
        told = await self.citizen("gặp cán bộ", "để lại câu hỏi", question)
        return next(word.strip(".:”“").lower().removeprefix("gy-") for word in told.split() if "GY-" in word)


@pytest.fixture
async def counter(office: Office) -> Counter:
    found = Counter(office, await office.entered())
    await found.sees("/desk/cau-mau")
    return found


async def test_a_question_stands_in_the_inbox_with_its_due_day(counter: Counter) -> None:
    code = await counter.asks()
    listed = await counter.sees("/desk/viec")

    assert f"GY-{code.upper()}" in listed
    assert "mất giấy chứng sinh thì xin lại ở đâu" in listed
    assert "26/11/2026" in listed  # three working days after Monday the 23rd
    assert "Đang chờ (1)" in listed


async def test_it_is_found_without_marks_and_by_its_code(counter: Counter) -> None:
    code = await counter.asks()

    assert code in await counter.sees("/desk/viec?tim=giay+chung+sinh")
    assert code in await counter.sees(f"/desk/viec?tim=GY-{code}")
    assert code not in await counter.sees("/desk/viec?tim=bang+lai")
    assert code not in await counter.sees("/desk/viec?loai=praise")
    assert code in await counter.sees("/desk/viec?xem=chua-ai-nhan")
    assert code not in await counter.sees("/desk/viec?xem=cua-toi")
    assert code in await counter.sees("/desk/viec?xem=%00&loai=x&sau=_&tim=%22")
    assert "Không có việc nào" in await counter.sees("/desk/viec?xem=qua-han")


async def test_the_case_shows_where_the_citizen_stood(counter: Counter) -> None:
    await counter.citizen("sao y bằng cấp ba", "làm từng bước", "trường cấp", "chỉ có bản gốc", "1", "tiếp")
    page = await counter.sees(f"/desk/viec/{await counter.asks()}")

    assert "Chứng thực bản sao từ bản chính" in page
    assert "☑ Bản chính" in page
    assert "Bước: " in page


async def test_an_answer_comes_back_in_the_same_chat_and_its_arrival_shows(counter: Counter) -> None:
    code = await counter.asks()
    await counter.does(code, "tra-loi", loi="Bác ra trạm y tế xã")

    assert "Chị Lan trả lời bác" in counter.told()[-1]
    assert "Bác ra trạm y tế xã" in counter.told()[-1]
    assert "đã đến" in await counter.sees(f"/desk/viec/{code}/luong")
    assert code in await counter.sees("/desk/viec?xem=da-tra-loi")


async def test_a_note_stays_among_officers(counter: Counter) -> None:
    code = await counter.asks()
    await counter.does(code, "ghi-chu", loi="đã hỏi chị Hoa tư pháp")

    assert "đã hỏi chị Hoa" in await counter.sees(f"/desk/viec/{code}")
    assert "chị Hoa" not in await counter.citizen(f"GY-{code}")


async def test_taking_over_talking_and_giving_back(counter: Counter) -> None:
    code = await counter.asks()
    await counter.does(code, "truc-tiep")
    assert "Chị Lan đang trả lời bác" in counter.told()[-1]
    assert await counter.citizen("phí bao nhiêu hả cô") == ""
    thread = await counter.sees(f"/desk/viec/{code}/luong")
    assert "phí bao nhiêu hả cô" in thread
    assert "đang trả lời trực tiếp, đến 09:3" in thread

    await counter.does(code, "tra-loi", loi="Không mất phí bác ạ")
    assert counter.told()[-1] == "Chị Lan: Không mất phí bác ạ"
    await counter.does(code, "cho-bot")
    assert "Bác cần làm việc gì" in await counter.citizen("menu")
    assert "đang trả lời trực tiếp" not in await counter.sees(f"/desk/viec/{code}/luong")


async def test_taking_leaving_closing_and_opening_again(counter: Counter) -> None:
    code = await counter.asks()
    await counter.does(code, "nhan")
    assert code in await counter.sees("/desk/viec?xem=cua-toi")
    await counter.does(code, "tra-lai")
    assert code not in await counter.sees("/desk/viec?xem=cua-toi")
    await counter.does(code, "dong")
    assert code in await counter.sees("/desk/viec?xem=da-dong")
    assert "đã xong" in await counter.citizen(f"GY-{code}")
    await counter.does(code, "mo-lai")
    assert code in await counter.sees("/desk/viec")


async def test_two_cases_become_one_and_both_get_the_answer(counter: Counter) -> None:
    one = await counter.asks()
    other = await counter.asks("xin lại giấy chứng sinh bị mất")
    await counter.does(other, "gop", vao=f"GY-{one.upper()}")
    page = await counter.sees(f"/desk/viec/{one}")
    assert "xin lại giấy chứng sinh bị mất" in page
    assert other.upper() in page

    await counter.does(one, "tra-loi", loi="Bác ra trạm y tế")
    told = counter.told()[-2:]
    assert {code for code in (one, other) if any(code.upper() in text for text in told)} == {one, other}
    assert await counter.status("POST", f"/desk/viec/{other}/gop", vao=one) == 409


async def test_answers_kept_ready_stand_beside_the_answer(counter: Counter) -> None:
    code = await counter.asks()
    assert await counter.status("POST", "/desk/cau-mau", ten="Giờ làm việc", loi="Sáng 7 giờ 30") == 303
    assert "Sáng 7 giờ 30" in await counter.sees(f"/desk/viec/{code}")
    (one,) = await counter.app.storage.canned_answers()
    assert ">Sáng 7 giờ 30</textarea>" in await counter.sees(f"/desk/viec/{code}?mau={one.id}")
    assert "></textarea>" in await counter.sees(f"/desk/viec/{code}?mau=%22")
    assert await counter.status("POST", f"/desk/cau-mau/{one.id}/bo", x="") == 303
    assert "Chưa có câu mẫu" in await counter.sees("/desk/cau-mau")


async def test_an_answer_becomes_an_entry_that_content_takes(counter: Counter) -> None:
    code = await counter.asks()
    await counter.does(code, "tra-loi", loi="Xin lại tại cơ sở y tế nơi sinh: mang căn cước.\nKhông mất phí")
    page = await counter.sees(f"/desk/viec/{code}/noi-dung")

    assert "faq-mat-giay-chung-sinh" in page
    assert "Xin lại tại cơ sở y tế nơi sinh: mang căn cước." in page


@pytest.mark.parametrize("said", ["a: b # c", "- x\n- y", "'\"{}[]", "no", "x" * 900, "{{7*7}} &lt;", "…?"])
def test_whatever_was_asked_the_entry_can_be_loaded(said: str) -> None:
    patch = faq_patch(said, said, "Quầy một cửa", date(2026, 11, 23))
    (topic,) = Faq.model_validate(yaml.safe_load(patch)).topics

    assert "&id" not in patch  # content takes no anchors

    assert topic.name.startswith(" ".join(said.split())[:30])


async def test_an_officer_of_another_place_is_refused_as_if_there_were_nothing(counter: Counter) -> None:
    code = await counter.asks()
    await counter.app.storage._write(lambda c: c.execute("UPDATE cases SET place = 'ban-na-lua'"))
    await counter.app.storage._write(lambda c: c.execute("UPDATE roles SET place = 'thon-ben-gao'"))

    assert code not in await counter.sees("/desk/viec?xem=tat-ca")
    for method, path in (
        ("GET", code),
        ("GET", f"{code}/luong"),
        ("GET", f"{code}/noi-dung"),
        ("POST", f"{code}/tra-loi"),
        ("POST", f"{code}/dong"),
        ("POST", f"{code}/truc-tiep"),
    ):
        assert await counter.status(method, f"/desk/viec/{path}", loi="x") == 404, path
    assert await counter.status("GET", "/desk/viec/zzzz9999") == 404


async def test_what_makes_no_sense_is_refused(counter: Counter) -> None:
    code = await counter.asks()

    assert await counter.status("POST", f"/desk/viec/{code}/explode", loi="x") == 404
    assert await counter.status("POST", f"/desk/viec/{code}/tra-loi", loi="  ") == 400
    assert await counter.status("POST", f"/desk/viec/{code}/tra-loi", loi="x" * 3_001) == 400
    assert await counter.status("POST", f"/desk/viec/{code}/gop", vao="GY-zzzz9999") == 409
    assert await counter.status("POST", f"/desk/viec/{code}/cho-bot", x="") == 409
    assert await counter.status("POST", f"/desk/viec/{code}/truc-tiep", x="") == 303
    assert await counter.status("GET", f"/desk/viec/{code}/tra-loi") == 405  # nothing is changed by looking


# --- words that would be more than words -----------------------------------------------------------------------

TAGS = ("script", "img", "svg", "iframe", "a", "style", "form", "math", "object", "base", "textarea", "title")
SHAPES = (
    "<{tag} onerror=alert(1) src=x>",
    "</{tag}><{tag}>alert(1)</{tag}>",
    '"><{tag} onload="alert(1)">',
    "'-alert(1)-'<{tag}",
    "<{tag}/href=javascript:alert(1)>x</{tag}>",
    "&lt;{tag}&gt;",
    "<!--<{tag}>-->",
    "]]><{tag} autofocus onfocus=alert(1)>",
    "<{tag}\x0conclick=alert(1)>",
    "{{{{ 7*7 }}}} {{% include '{tag}' %}}",
    "<<{tag}>>alert(1)//<</{tag}>",
    "\u2028<{tag} style=background:url(javascript:alert(1))>",
    "</textarea></p></td></tr></table><{tag} hx-get=/desk hx-trigger=load>",
    "%3C{tag}%3Ealert(1)",
    '=HYPERLINK("x")<{tag}',
    "<{tag} hx-on:load=alert(1)>",
    "\u202e<{tag}>",
)
HOSTILE = [shape.format(tag=tag) for tag in TAGS for shape in SHAPES]


class Structure(HTMLParser):
    """The tags of a page with their attributes' names, and all its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_hostile_words_are_shown_as_words_and_change_no_tag(counter: Counter) -> None:
    assert len(HOSTILE) > 200
    storage, now = counter.app.storage, counter.app.clock.now()
    plain: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for n, said in enumerate(["chữ thường", *HOSTILE[::8]]):
        code = f"xss{n:05}"
        turn = await heard(storage, said, at=now)
        opened = OpenCase(code=code, kind=CaseKind.COMPLAINT, words=said, due=date(2026, 11, 26), step=said)
        await answer(storage, turn, "mã", effects=(opened,), now=now)
        await storage.answer_case(code, said, Officer(id="lan", name=said), lambda _: Reply(text="x"), now)
        await storage.note_case(code, said, Officer(id="lan", name=said), now)
        await storage.keep_canned("mẫu", said, Officer(id="lan", name="Chị Lan"), now)
        for path in (f"/desk/viec/{code}", f"/desk/viec/{code}/noi-dung", "/desk/cau-mau"):
            seen = Structure(await counter.sees(path))
            kind = path.rpartition("/")[2] if not path.endswith(code) else "case"
            assert seen.tags == plain.setdefault(kind, seen.tags), said
            if kind != "noi-dung":  # there it is quoted as YAML quotes
                assert " ".join(said.split()) in " ".join(seen.text.split()), said


async def test_hostile_words_in_the_list_and_in_the_address_stay_words(counter: Counter) -> None:
    storage, now = counter.app.storage, counter.app.clock.now()
    empty = Structure(await counter.sees("/desk/viec?tim=zzzz")).tags
    for said in HOSTILE[::5]:
        params = {"tim": said, "xem": said, "loai": said, "sau": said}
        assert Structure(await counter.get("/desk/viec", params=params)).tags == empty
    for n, said in enumerate(HOSTILE[:40]):
        turn = await heard(storage, said, at=now)
        opened = OpenCase(code=f"xss{n:05}", kind=CaseKind.COMPLAINT, words=said, due=date(2026, 11, 26))
        await answer(storage, turn, "mã", effects=(opened,), now=now)
    tags = Structure(await counter.sees("/desk/viec")).tags
    counted = Counts(tag for tag, _ in tags)
    assert counted["tr"] == 41
    assert counted["script"] == 1  # ours
    assert not counted.keys() & {"img", "svg", "iframe", "object", "math"}


# --- given to a colleague ---------------------------------------------------------------------------------------

TU = 700_888


async def officer_id(counter: Counter, name: str) -> str:
    return next(str(one.person) for one in await counter.app.storage.staff() if one.name == name)


async def test_a_case_is_given_to_a_colleague_who_hears_of_it_in_their_chat(counter: Counter) -> None:
    await counter.office.invited(who=TU, name="Anh Tú")
    code = await counter.asks()
    assert "Anh Tú" in await counter.sees(f"/desk/viec/{code}")
    await counter.does(code, "giao", ai=await officer_id(counter, "Anh Tú"))

    assert "Anh Tú giữ" in await counter.sees(f"/desk/viec/{code}")
    assert f"Chị Lan giao cho anh/chị việc GY-{code.upper()}" in counter.told(TU)[-1]
    assert "mất giấy chứng sinh" in counter.told(TU)[-1]


async def test_a_case_is_given_only_to_officers_who_may_see_it(counter: Counter) -> None:
    await counter.office.invited(Role.VOLUNTEER, who=TU, name="Em Hoa")
    code = await counter.asks()
    volunteer = await officer_id(counter, "Em Hoa")

    assert "Em Hoa" not in await counter.sees(f"/desk/viec/{code}")
    assert await counter.status("POST", f"/desk/viec/{code}/giao", ai=volunteer) == 400
    assert await counter.status("POST", f"/desk/viec/{code}/giao", ai="khong-co-ai") == 400
    assert "Mới" in await counter.sees(f"/desk/viec/{code}")
