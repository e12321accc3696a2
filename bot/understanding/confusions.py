"""Which subjects are taken for which, told so that an author of content sees what to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from bot.understanding.evaluate import ASK, NONE, Outcome
from bot.understanding.understood import Decision

EXAMPLES = 3  # messages shown for each confusion
LENGTH = 160  # characters shown of each

_WANTED = {NONE: "không thuộc việc nào", ASK: "chưa rõ việc nào, cần hỏi lại"}
_ASKED, _REFUSED = "hỏi lại", "không trả lời"


def confusions_text(outcomes: Sequence[Outcome], title: Callable[[str], str]) -> str:
    """Every confusion with examples, the most frequent first. `title`: the full name of a subject."""
    found: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if not one.right:
            found[_wanted(one), _got(one)].append(one)
    if not found:
        return f"Không nhầm câu nào trong {len(outcomes)} câu."
    rows = [
        f"{len(found)} kiểu nhầm, {sum(map(len, found.values()))} trên {len(outcomes)} câu. Nhiều nhất trước.",
        "",
    ]
    for (wanted, got), missed in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        rows.append(f"{_told(wanted, title)}  →  {_told(got, title)}   ({len(missed)} câu)")
        for one in missed[:EXAMPLES]:
            rows += _example(one, wanted)
        if len(missed) > EXAMPLES:
            rows.append(f"    … và {len(missed) - EXAMPLES} câu nữa")
        rows += [f"    Gợi ý: {_advice(wanted, got)}", ""]
    return "\n".join(rows).rstrip()


def _wanted(one: Outcome) -> str:
    """Of several that would be right, the one that came nearest."""
    return next((name for name in one.offered if name in one.line.accept), one.line.accept[0])


def _got(one: Outcome) -> str:
    if one.got.decision is Decision.NONE:
        return _REFUSED
    return _ASKED if one.asked else one.offered[0]


def _told(name: str, title: Callable[[str], str]) -> str:
    if name in _WANTED:
        return _WANTED[name]
    return name if name in {_ASKED, _REFUSED} else f"{title(name)} ({name})"


def _example(one: Outcome, wanted: str) -> list[str]:
    text = one.line.text if len(one.line.text) <= LENGTH else one.line.text[: LENGTH - 1] + "…"
    rows = [f"  – {text}"]
    if one.got.candidates:
        first = one.got.candidates[0]
        heard = f", vì nghe ra “{first.matched}”" if first.matched else ""
        rows.append(f"      nghĩ đến {first.id} ({first.score:.2f}){heard}")
    if wanted not in {NONE, ASK} and wanted not in one.offered:
        rows.append(f"      {wanted} không có trong các việc được nghĩ đến")
    return rows


def _advice(wanted: str, got: str) -> str:
    if wanted == NONE:
        return "thêm cách nói này vào elsewhere hoặc foreign trong content/lexicon.yaml"
    if wanted == ASK:
        return "thêm nhóm từ này vào broad trong content/lexicon.yaml, để bot hỏi lại"
    if got in {_ASKED, _REFUSED}:
        return f"thêm cách hỏi khác của người dân vào asked_as của {wanted}"
    return f"thêm cách hỏi vào asked_as của {wanted}, và chữ phân biệt hai việc vào content/lexicon.yaml"
