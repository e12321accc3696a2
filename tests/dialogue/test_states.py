from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import pytest

from bot.dialogue.messages import Task
from bot.dialogue.states import ENDS, MOVES, STARTS, after, allows, diagrams


def reachable(task: Task, starts: Iterable[StrEnum]) -> set[StrEnum]:
    seen: set[StrEnum] = set()
    todo = list(starts)
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo.extend(MOVES[task][state].values())
    return seen


@pytest.mark.parametrize("task", Task)
def test_every_state_can_be_reached(task: Task) -> None:
    assert reachable(task, STARTS[task]) == set(MOVES[task])


@pytest.mark.parametrize("task", Task)
def test_every_state_can_be_left(task: Task) -> None:
    for state in MOVES[task]:
        if state in ENDS[task]:
            assert not MOVES[task][state]
        else:
            assert reachable(task, [state]) - {state}


@pytest.mark.parametrize("task", [task for task in Task if ENDS[task]])
def test_from_every_state_the_task_can_be_ended(task: Task) -> None:
    for state in MOVES[task]:
        assert reachable(task, [state]) & ENDS[task]


@pytest.mark.parametrize("task", Task)
def test_a_move_leads_to_a_state_of_the_same_task(task: Task) -> None:
    for moves in MOVES[task].values():
        assert set(moves.values()) <= set(MOVES[task])


def test_a_move_that_is_not_in_the_table_is_a_mistake_of_ours() -> None:
    over = next(iter(ENDS[Task.WALK]))
    move = next(iter(MOVES[Task.WALK][STARTS[Task.WALK][0]]))

    assert not allows(Task.WALK, over, move)
    with pytest.raises(LookupError):
        after(Task.WALK, over, move)


def test_the_diagram_draws_every_move() -> None:
    drawn = diagrams()

    for moves in MOVES.values():
        for state, out in moves.items():
            for move, target in out.items():
                assert f"{state} --> {target}: {move}" in drawn
