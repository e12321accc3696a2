"""The desk's pages on a real server, for somebody who has entered; entering itself is tried elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiohttp import web
from jinja2 import ChoiceLoader, DictLoader

from bot.desk.visits import Page, Visit, templates
from bot.knowledge import Library
from bot.settings import Settings
from storage import Storage

BASE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/static/pico.css">
<link rel="stylesheet" href="/static/figures.css"></head>
<body><main class="container">{% block content %}{% endblock %}</main></body></html>"""
STATIC = Path(__file__).parents[2] / "bot" / "desk" / "static"


@asynccontextmanager
async def desk(
    storage: Storage, library: Library, settings: Settings, pages: Sequence[Page], now: datetime
) -> AsyncIterator[str]:
    """The address of a server with these pages."""
    made = templates()
    assert made.loader
    made.loader = ChoiceLoader([made.loader, DictLoader({"base.html": BASE})])

    def render(name: str, **shown: object) -> web.Response:
        return web.Response(text=made.get_template(name).render(csrf="t", **shown), content_type="text/html")

    def answering(page: Page) -> web.RouteDef:
        async def answer(request: web.Request) -> web.StreamResponse:
            form: dict[str, list[str]] = {}
            file = None
            if request.method == "POST":
                posted = await request.post()
                for name, value in posted.items():
                    if isinstance(value, web.FileField):
                        file = (value.filename, value.file.read())
                    else:
                        form.setdefault(name, []).append(str(value))
            visit = Visit(
                who="chị Hoa",
                now=now,
                settings=settings,
                library=library,
                storage=storage,
                render=render,
                query=dict(request.query),
                named=dict(request.match_info),
                form=form,
                file=file,
            )
            return await page.answer(visit)

        return web.route(page.method, page.path, answer)

    server = web.Application()
    server.add_routes([answering(page) for page in pages])
    server.add_routes([web.static("/static", STATIC)])
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
