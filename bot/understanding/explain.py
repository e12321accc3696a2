"""Why a message was understood as it was: for `python -m bot ask`, and for officers looking at a question."""

from __future__ import annotations

from typing import Any

from bot.understanding import cues, decide, evidence
from bot.understanding.evidence import Evidence
from bot.understanding.matcher import Index, Reading
from bot.understanding.text import words
from bot.understanding.understood import Context, Decision, Kind, Reason

SHOWN = 5

STAGES = {
    "cues": "mẫu từ",
    "likeness": "câu giống",
    "letters": "chính tả",
    "learnt": "đã học",
    "meant": "nghĩa",
}

DECISIONS = {
    Decision.ANSWER: "trả lời",
    Decision.ASK: "hỏi lại",
    Decision.NONE: "không trả lời",
}

REASONS = {
    Reason.NOT_A_QUESTION: "đây không phải câu hỏi về thủ tục",
    Reason.CLEAR: "một việc nổi rõ hơn hẳn",
    Reason.FOLLOW_UP: "câu hỏi nối tiếp về việc vừa nói",
    Reason.NEIGHBOURS: "vài việc ngang nhau",
    Reason.BROAD: "mới nêu một nhóm việc, chưa rõ việc nào",
    Reason.NO_SUBJECT: "chưa nêu việc gì",
    Reason.UNSURE: "hỏi việc giấy tờ, nhưng không việc nào đủ giống",
    Reason.WEAK: "không việc nào đủ giống",
    Reason.NO_GUIDE: "nhận ra việc này nhưng nội dung chưa có hướng dẫn",
    Reason.ELSEWHERE: "việc của cơ quan khác, hoặc không phải thủ tục hành chính",
    Reason.REFUSED: "yêu cầu không được đáp ứng",
}

KINDS = {
    Kind.QUESTION: "câu hỏi",
    Kind.GREETING: "lời chào",
    Kind.THANKS: "lời cảm ơn",
    Kind.INSULT: "lời xúc phạm",
    Kind.EMERGENCY: "việc khẩn cấp",
    Kind.SCAM_REPORT: "báo lừa đảo",
    Kind.COMMAND: "lệnh",
    Kind.NOISE: "không đọc được",
}


def explain(index: Index, text: str, context: Context = Context()) -> dict[str, Any]:  # noqa: B008 - frozen
    """Everything that led to the decision, JSON-ready."""
    understood = index.understand(text, context)
    reading = index.read(text)
    return {
        "text": reading.message.text,
        "normalised": " ".join(reading.message.words),
        "kind": understood.kind.value,
        "decision": understood.decision.value,
        "reason": understood.reason.value,
        "facet": understood.facet.value,
        "command": understood.command,
        "candidates": [
            {"id": one.id, "score": one.score, "matched": one.matched, "stages": dict(one.stages)}
            for one in understood.candidates
        ],
        "runner_up": _runner_up(reading, understood.candidates[0].id if understood.candidates else None),
        "considered": [_considered(one, index) for one in reading.ranked[:SHOWN]],
        "patterns": [
            {
                "for": sign.owner,
                "pattern": sign.text,
                "words": _said(reading, sign.places),
                "weight": round(sign.weight, 3),
            }
            for sign in sorted(reading.signs, key=lambda sign: (-sign.weight, sign.owner))
            if not sign.owner.startswith("words:")
        ],
        "facets": {facet: round(side.weight, 3) for facet, side in reading.facets.items()},
        "elsewhere": round(reading.elsewhere, 3),
        "vague": round(reading.vague, 3),
        "thresholds": thresholds(),
        "topic": context.topic,
    }


def thresholds() -> dict[str, float]:
    """The numbers that decide, by name."""
    return {
        "answer_at": decide.ANSWER_AT,
        "ask_at": decide.ASK_AT,
        "margin": decide.MARGIN,
        "certain": decide.CERTAIN,
        "thin": decide.THIN,
        "likeness": evidence.LIKENESS,
        "overruled": evidence.OVERRULED,
        "fits": cues.FITS,
    }


def explain_text(index: Index, text: str, context: Context = Context()) -> str:  # noqa: B008 - frozen
    """The same, for people."""
    facts = explain(index, text, context)
    understood = index.understand(text, context)
    rows = [
        f"Câu gốc:    {facts['text']}",
        f"Chuẩn hóa:  {facts['normalised']}",
        f"Loại:       {KINDS[understood.kind]}" + (f" ({understood.command})" if understood.command else ""),
        f"Quyết định: {DECISIONS[understood.decision]} – {REASONS[understood.reason]}",
        f"Khía cạnh:  {understood.facet.value}",
    ]
    if facts["considered"]:
        rows += ["", f"Các việc đã xét (điểm | {' | '.join(STAGES.values())}):"]
        for one in facts["considered"]:
            stages = " | ".join(_stage(one["stages"].get(stage)) for stage in STAGES)
            lacking = "" if one["known"] else " (chưa có nội dung)"
            rows.append(f"  {one['score']:.2f} | {stages}  {one['id']}{lacking}  ← {one['matched']}")
        rows.append(f"  Mô hình: việc nơi khác {facts['elsewhere']:.2f}, chưa rõ việc nào {facts['vague']:.2f}")
    if facts["patterns"]:
        rows += ["", "Mẫu từ tìm thấy:"]
        rows += [
            f"  {one['weight']:.2f}  {one['for']}: {one['pattern']}  ← “{one['words']}”" for one in facts["patterns"]
        ]
    limits = ", ".join(f"{name} {value:g}" for name, value in facts["thresholds"].items())
    return "\n".join([*rows, "", f"Ngưỡng: {limits}"])


def _stage(weight: float | None) -> str:
    return "–" if weight is None else f"{weight:.2f}"


def _runner_up(reading: Reading, first: str | None) -> dict[str, Any] | None:
    other = next((one for one in reading.ranked if one.owner != first), None)
    return {"id": other.owner, "score": round(other.score, 3)} if other else None


def _considered(one: Evidence, index: Index) -> dict[str, Any]:
    return {
        "id": one.owner,
        "known": one.owner in index.ids,
        "score": round(one.score, 3),
        "matched": one.matched,
        "stages": one.stages,
    }


def _said(reading: Reading, places: frozenset[int]) -> str:
    return " ".join(words(" ".join(reading.message.words[place] for place in sorted(places))))
