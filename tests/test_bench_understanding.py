"""The comparison in bench/understanding.py: its cheap ways find things, and its page says what was measured."""

import json
from pathlib import Path

import pytest

from bench import understanding as bench
from bot.understanding.evaluate import Line

CHEAP = [way for way in bench.WAYS if way.name in ("rapidfuzz", "fts5")]
KNOWN = [("khai-sinh", "đăng ký khai sinh"), ("khai-sinh", "con mới đẻ làm giấy gì"), ("ket-hon", "đăng ký kết hôn")]


@pytest.mark.parametrize("way", CHEAP, ids=lambda way: way.name)
def test_a_way_reads_back_what_it_built_and_finds_the_nearest_subject(way: bench.Way, tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(json.dumps({"phrases": KNOWN, "summaries": []}), "utf-8")
    way.build(tmp_path)

    rank = way.load(tmp_path)

    assert rank("giay khai sinh cho con")[0] == "khai-sinh"
    assert rank("muốn kết hôn")[0] == "ket-hon"


def test_a_line_counts_once_and_a_confused_pair_is_told() -> None:
    lines = [Line(text=text, accept=("khai-sinh",), style="formal") for text in ("a", "b", "c")]
    found = {"a": ["khai-sinh"], "b": ["ket-hon", "khai-sinh"], "c": []}

    figures = bench.ranked(found.__getitem__, lines, [("ket-hon", "khai-sinh")])

    assert figures["top1"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["top3"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["wrong_neighbour"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["styles"] == {"formal": [1, 3]}


def test_the_page_and_the_plot_say_what_was_measured() -> None:
    results = json.loads(bench.RESULTS.read_text("utf-8"))

    assert bench.figures_text(results) in bench.PAGE.read_text("utf-8")
    assert bench.plot(results) == bench.PLOT.read_text("utf-8")
