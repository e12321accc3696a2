"""A content folder that is as small as one can be, and an author who breaks one thing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ContentError, Problem
from content import Content, load, wording

GUIDE = "guides/khai-sinh.yaml"
PROCEDURES = "procedures.yaml"
STEPS = "steps.yaml"
FAQ = "faq.yaml"
EVENTS = "events.yaml"
PHRASES = "phrases.yaml"
LOCALITY = "locality.yaml"
LEXICON = "lexicon.yaml"
STYLE = "style.yaml"
TIPS = "tips.yaml"

FILES = {
    PROCEDURES: """\
fields:
  - {id: ho-tich, name: Hộ tịch}
procedures:
  - id: khai-sinh
    codes: [1.001193]
    name: Đăng ký khai sinh
    short: Khai sinh
    field: ho-tich
    asked_as: [làm giấy khai sinh]
""",
    GUIDE: """\
id: khai-sinh
codes: [1.001193]
summary: Ghi tên bé vào sổ hộ tịch.
level: full
who: [{text: Cha hoặc mẹ.}]
decides: [{text: Ủy ban nhân dân xã.}]
where:
  - {at: online, text: Cổng Dịch vụ công.}
  - {at: counter, text: Quầy một cửa.}
fee:
  - at: counter
    amount: 8000
    law: Nghị quyết 1
  - {at: online, amount: unknown, ask: quầy một cửa}
time: [{at: counter, amount: 1, unit: working-day, text: trong ngày}]
questions:
  - id: cha-me
    ask: Cha mẹ đã kết hôn chưa?
    options: [{id: roi, label: Rồi}, {id: chua, label: Chưa}]
  - id: nhan-con
    ask: Cha có nhận con không?
    when: {cha-me: chua}
    options: [{id: co, label: Có}, {id: khong, label: Không}]
papers:
  - {id: to-khai, name: Tờ khai, form: form}
  - {id: ket-hon, name: Giấy kết hôn, form: show, when: {cha-me: roi}}
  - {id: nhan-con, name: Tờ khai nhận con, form: form, when: {nhan-con: [co], at: counter}}
words: {search: Khai sinh}
steps:
  online:
    - use: vao-cong
    - {id: nop, title: Nộp, text: "Bấm Nộp. Hỏi {hotline}.", end: true}
  counter:
    - {id: den-quay, title: Đến quầy, text: "Đến {counter_name}, {counter_address}."}
    - {id: nop, title: Nộp, text: Đưa giấy tờ., end: true}
result: [{text: Giấy khai sinh.}]
law: [Luật Hộ tịch]
sources: [{name: Cổng Dịch vụ công, date: 2026-11-01}]
checked: 2026-11-01
review_by: 2027-05-01
""",
    STEPS: """\
groups:
  vao-cong:
    - {id: mo-cong, title: Mở Cổng, text: "Mở trang của {commune}."}
    - id: tim
      title: Tìm thủ tục
      text: Gõ “{search}”.
      troubles: [{id: khong-thay, problem: Không thấy, fix: "Gõ lại {search}."}]
""",
    FAQ: """\
topics:
  - id: faq-gio
    name: Giờ làm việc
    short: Giờ làm việc
    answer: [{text: "{counter_hours}, ĐT {counter_phone}."}]
    related: [khai-sinh]
    sources: [{name: Xã, date: 2026-11-01}]
    checked: 2026-11-01
    review_by: 2027-05-01
""",
    EVENTS: """\
events:
  - id: sinh-con
    name: Sinh con
    related: [khai-sinh, faq-gio]
""",
    PHRASES: "".join(
        [
            "say:\n",
            *(f'  "{key}": Câu.\n' for key in wording.SAY),
            "buttons:\n",
            *(f'  "{key}": {{label: Nút}}\n' for key in wording.BUTTONS),
            "commands:\n",
            *(f'  "{key}": []\n' for key in wording.COMMANDS),
            "page:\n",
            *(f'  "{key}": Chữ\n' for key in wording.PAGE),
        ]
    ),
    LOCALITY: """\
id: xa-mau
name: xã Mẫu
province: tỉnh Mẫu
demo: true
hamlets: [{id: thon-1, name: Thôn 1}, {id: thon-2, name: Thôn 2}]
counter:
  name: Trung tâm xã Mẫu
  address: đường Mẫu
  phone: "02343000001"
  hours: [{days: [t2, t3], opens: "07:30", closes: "16:30"}]
  hours_text: thứ hai, thứ ba
police: Công an xã Mẫu
hotlines: [{id: tong-dai, name: Tổng đài, number: "18001096"}]
source: {name: Xã, date: 2026-11-01}
checked: 2026-11-01
""",
    LEXICON: "politeness: [ạ, dạ]\n",
    STYLE: "longest_sentence: 12\nabbreviations: [ĐT]\nofficialese: {xuất trình: đưa cho xem}\n",
    TIPS: """\
official: [dichvucong.gov.vn]
opening: Mời bà con nghe.
closing: Xin cảm ơn bà con.
tips: []
""",
}


class Author:
    """Someone who writes content, and sees what loading says to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.overlay: Path | None = None
        for name, text in FILES.items():
            self.writes(name, text)

    def writes(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def reads(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def changes(self, name: str, old: str, new: str) -> None:
        """Put `new` in the place of the one `old` in the file."""
        text = self.reads(name)
        assert text.count(old) == 1, (old, text)
        self.writes(name, text.replace(old, new))

    def adds(self, name: str, text: str) -> None:
        self.writes(name, self.reads(name) + text)

    def lays_over(self, name: str, text: str) -> None:
        """Write a file of the commune's overlay."""
        self.overlay = self.folder.parent / "xa"
        path = self.overlay / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def loads(self) -> Content:
        return load(self.folder, self.overlay)

    def tries(self) -> Content | ContentError:
        try:
            return self.loads()
        except ContentError as error:
            return error

    def sees(self) -> list[Problem]:
        """The problems that loading names."""
        with pytest.raises(ContentError) as raised:
            self.loads()
        return list(raised.value.problems)

    def words(self) -> list[str]:
        return [problem.what for problem in self.sees()]

    def problem(self, name: str, there: str, entry: str, key: str, what: str) -> Problem:
        """A problem where the text `there` stands in the file; a `|` in it marks the column."""
        before, bar, after = there.partition("|")
        found = self.reads(name).find(before + after)
        assert found >= 0, there
        text = self.reads(name)[: found + (len(before) if bar else 0)]
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        return Problem(file=name, line=line, column=column, entry=entry, key=key, what=what)


@pytest.fixture
def author(tmp_path: Path) -> Author:
    """An author with a whole, small content folder."""
    return Author(tmp_path / "content")
