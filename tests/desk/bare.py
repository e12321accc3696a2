"""The pages of cases on a server of their own: who asks is said by the test, nothing is around the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web
from bot.desk.cases import ROUTES, CasePages
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

import bot.desk
from bot.clock import Clock
from bot.dialogue.cases import Officer
from bot.knowledge import Library
from storage import Storage

PAGES = Path(bot.desk.__file__).parent / "templates"


@dataclass
class BareDesk:
    """As `Desk` asks for; `who` is whoever the test says."""

    storage: Storage
    library: Library
    clock: Clock
    who: Officer = field(default_factory=lambda: Officer(id="lan", name="Chị Lan"))

    def __post_init__(self) -> None:
        loader = ChoiceLoader([FileSystemLoader(Path(__file__).parent / "templates"), FileSystemLoader(PAGES)])
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)

    def officer(self, request: web.Request) -> Officer:
        return self.who

    def show(self, request: web.Request, template: str, **shown: object) -> web.StreamResponse:
        text = self._templates.get_template(template).render(csrf="test", **shown)
        return web.Response(text=text, content_type="text/html")

    def server(self) -> web.Application:
        app, pages = web.Application(), CasePages(self)
        for method, path, _, handler in ROUTES:
            app.router.add_route(method, path, partial(handler, pages))
        return app
