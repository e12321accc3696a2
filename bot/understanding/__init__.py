"""What citizens mean: `Index.build(content).understand(text, context)`."""

from bot.understanding.matcher import Index
from bot.understanding.text import MAX_CHARS, agrees, clean, fold
from bot.understanding.understood import Candidate, Context, Decision, Facet, Kind, Reason, Understood

__all__ = [
    "MAX_CHARS",
    "Candidate",
    "Context",
    "Decision",
    "Facet",
    "Index",
    "Kind",
    "Reason",
    "Understood",
    "agrees",
    "clean",
    "fold",
]
