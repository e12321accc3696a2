"""The pages of the desk: one table of what there is, and who may open it."""

from __future__ import annotations

from bot.desk.desk import Page
from bot.desk.pages import appointments, cases, figures, guides, log, people, tips, today, unanswered

PAGES: tuple[Page, ...] = (
    *today.PAGES,
    *cases.PAGES,
    *appointments.PAGES,
    *tips.PAGES,
    *unanswered.PAGES,
    *guides.PAGES,
    *figures.PAGES,
    *people.PAGES,
    *log.PAGES,
)
