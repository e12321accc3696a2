"""What `doctor` asks the world outside: does the site answer, is its certificate good, how does Telegram see us."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.calendar import LOCAL
from bot.channels.telegram import ALLOWED_UPDATES, WEBHOOK_PATH
from bot.channels.zalo_bot import CHANNEL as ZALO_BOT
from bot.channels.zalo_bot import WEBHOOK_PATH as ZALO_BOT_WEBHOOK
from bot.channels.zalo_bot import BotApiError, BotClient
from bot.channels.zalo_oa import TEMPLATE_PARAMETERS
from bot.doctor import Finding, bad, good, note
from bot.errors import ChannelError
from bot.settings import Settings
from storage import Storage

WITHIN = aiohttp.ClientTimeout(total=15)
CLOCK_OFF = timedelta(seconds=30)  # further off than this, appointments and codes begin to suffer
CERTIFICATE_SOON = timedelta(days=14)
MOST_PEOPLE, MOST_MESSAGES = 50, 3_000  # of the Zalo Bot plan: people in all, messages a month
NEARLY_FULL = 0.8
WEBHOOK_PORTS = {None, 443, 80, 88, 8443}


async def site(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """The public address: reachable, and with a certificate that people's browsers take."""
    url = settings.public_url
    if not url:
        yield note("Chưa đặt CAMTAY_PUBLIC_URL: người dân chưa mở được trang từ ngoài.", "Đặt địa chỉ https của xã.")
        return
    if not url.startswith("https://"):
        yield bad(f"{url} không phải https.", "Cài chứng chỉ (ví dụ Let's Encrypt) ở máy chủ phía trước rồi sửa lại.")
        return
    try:
        async with aiohttp.ClientSession(timeout=WITHIN) as session, session.get(f"{url}/health") as answer:
            if answer.status == 200:
                yield good(f"{url} mở được.")
            else:
                yield bad(
                    f"{url}/health trả lời {answer.status}.", "Xem máy chủ phía trước có chuyển tới đúng cổng không."
                )
            connection = answer.connection
            tls = connection.transport.get_extra_info("ssl_object") if connection and connection.transport else None
            for finding in _certificate(tls, now):
                yield finding
    except aiohttp.ClientConnectorCertificateError:
        yield bad(
            "Chứng chỉ https không hợp lệ hoặc đã hết hạn.",
            "Gia hạn chứng chỉ; Telegram và Zalo sẽ không gửi tin tới.",
        )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        yield bad(
            f"Không mở được {url} ({type(error).__name__}).", "Xem tên miền đã trỏ về máy này chưa, cổng 443 mở chưa."
        )


def _certificate(tls: ssl.SSLObject | None, now: datetime) -> list[Finding]:
    told = tls.getpeercert() if tls else None
    if not told or "notAfter" not in told:
        return []
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)
    if until - now < CERTIFICATE_SOON:
        return [bad(f"Chứng chỉ https hết hạn ngày {until:%d/%m/%Y}.", "Gia hạn trước ngày đó.")]
    return [good(f"Chứng chỉ https còn hạn đến {until:%d/%m/%Y}.")]


async def telegram(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """The token, the clock, and how Telegram brings us updates."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        yield note("Chưa nối Telegram (CAMTAY_TELEGRAM_TOKEN trống).", "Muốn nối: xem docs/vi/telegram.md.")
        return
    root = f"{settings.telegram_api_url}/bot{token}"
    try:
        async with aiohttp.ClientSession(timeout=WITHIN) as session:
            async with session.get(f"{root}/getMe") as answer:
                told = await _json(answer)
                skew = _skew(answer.headers.get("Date"), now)
            if answer.status in {401, 404}:
                yield bad(
                    "Telegram không nhận mã bot.", "Vào @BotFather, gõ /token, chép lại mã vào CAMTAY_TELEGRAM_TOKEN."
                )
                return
            if not told.get("ok"):
                yield bad(
                    f"Telegram trả lời lạ ({answer.status}).",
                    "Chờ ít phút rồi chạy lại; xem CAMTAY_TELEGRAM_API_URL.",
                )
                return
            yield good(f"Mã bot đúng: @{told['result'].get('username')}.")
            if skew is not None and abs(skew) > CLOCK_OFF:
                way = "chậm" if skew > timedelta(0) else "nhanh"
                yield bad(
                    f"Đồng hồ máy {way} {abs(skew).total_seconds():.0f} giây.",
                    "Bật đồng bộ giờ: timedatectl set-ntp true.",
                )
            elif skew is not None:
                yield good("Đồng hồ máy đúng giờ.")
            async with session.get(f"{root}/getWebhookInfo") as answer:
                for finding in _webhook(settings, (await _json(answer)).get("result") or {}, now):
                    yield finding
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        yield bad(
            f"Không nối được tới Telegram ({type(error).__name__}).",
            "Xem máy có mạng không, tường lửa có chặn api.telegram.org không.",
        )


async def _json(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        read = await answer.json(content_type=None)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _skew(told: str | None, now: datetime) -> timedelta | None:
    try:
        return parsedate_to_datetime(told) - now if told else None
    except (TypeError, ValueError):
        return None


def _webhook(settings: Settings, info: dict[str, Any], now: datetime) -> list[Finding]:
    url, wanted = str(info.get("url") or ""), f"{settings.public_url}{WEBHOOK_PATH}"
    if settings.telegram_mode == "polling":
        if url:
            return [note(f"Telegram đang đẩy tin tới {url}.", "Khi chạy ở chế độ polling, bot tự gỡ địa chỉ này.")]
        return [good("Chế độ polling: bot tự hỏi tin mới, không cần địa chỉ công khai.")]
    found = []
    where = urlsplit(settings.public_url)
    if where.scheme != "https" or where.port not in WEBHOOK_PORTS:
        mend = "Dùng https ở cổng 443, 80, 88 hoặc 8443, hoặc đổi sang CAMTAY_TELEGRAM_MODE=polling."
        found.append(bad("Telegram chỉ đẩy tin tới https, cổng 443, 80, 88 hoặc 8443.", mend))
    if url != wanted:
        now_at = url or "chưa đặt"
        found.append(
            bad(f"Telegram đang đẩy tin tới: {now_at}; đúng ra là {wanted}.", "Khởi động lại bot để nó đặt lại.")
        )
    elif set(info.get("allowed_updates") or ()) != set(ALLOWED_UPDATES):
        found.append(bad("Telegram chưa được báo đẩy đủ loại tin.", "Khởi động lại bot để nó đặt lại."))
    else:
        found.append(good("Địa chỉ nhận tin đã đặt đúng."))
    if info.get("last_error_message"):
        when = datetime.fromtimestamp(int(info.get("last_error_date") or 0), UTC)
        what = f"Lần đẩy tin hỏng gần nhất: {info['last_error_message']} ({when:%d/%m/%Y %H:%M} giờ quốc tế)."
        recent = now - when < timedelta(hours=1)
        mend = "Xem trang có mở được từ ngoài, chứng chỉ còn hạn, bot đang chạy."
        found.append(bad(what, mend) if recent else note(what, mend))
    if (waiting := int(info.get("pending_update_count") or 0)) > 100:
        found.append(bad(f"{waiting} tin đang chờ ở Telegram.", "Bot không nhận kịp: xem bot có đang chạy không."))
    return found


async def zalo(settings: Settings, storage: Storage | None, now: datetime) -> AsyncIterator[Finding]:
    """The Official Account: consent, package, template, money. Renews nothing and sends nothing."""
    if not settings.zalo_oa_id:
        yield note("Chưa đặt Zalo OA: bot chưa có mặt trên Zalo.", "Làm theo docs/vi/zalo.md.")
        return
    if not settings.public_url.startswith("https://"):
        yield bad("Zalo chỉ đẩy tin tới https có tên miền.", "Đặt CAMTAY_PUBLIC_URL=https://tên-miền của xã.")
    tokens = await storage.zalo_tokens(settings.zalo_app_id) if storage else None
    if storage is None or tokens is None:
        yield bad("Quản trị OA chưa đồng ý cho bot gửi tin.", "Chạy `python -m bot zalo login` trên máy chủ.")
        return
    if tokens.consent_needed:
        yield bad("Zalo đòi đồng ý lại; từ lúc ấy bot không gửi được tin nào.", "Chạy `python -m bot zalo login`.")
        return
    spent = await storage.zalo_spent(now)
    yield good(f"Tin trả phí tháng này: {spent} trên {settings.zalo_monthly_dong} đồng được phép.")
    if tokens.until <= now:
        yield note("Quyền gửi tin đã quá 25 giờ chưa gia hạn.", "Để bot chạy: nó tự gia hạn.")
        return
    headers = {"access_token": tokens.access}
    try:
        async with aiohttp.ClientSession(timeout=WITHIN, headers=headers) as session:
            async with session.get(f"{settings.zalo_api_url}/v2.0/oa/getoa") as answer:
                told = await _json(answer)
            for finding in _official_account(settings, told):
                yield finding
            if settings.zalo_template:
                query = {"template_id": settings.zalo_template}
                async with session.get(f"{settings.zalo_zns_url}/template/info/v2", params=query) as answer:
                    yield _template(settings, await _json(answer))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        yield bad(
            f"Không nối được tới Zalo ({type(error).__name__}).",
            "Xem máy có mạng không, tường lửa có chặn openapi.zalo.me không.",
        )


async def zalo_bot(settings: Settings, storage: Storage | None, now: datetime) -> AsyncIterator[Finding]:
    """The Bot platform: the token, the way in, and how much of the free plan is used. Changes nothing."""
    if not settings.zalo_bot_token.get_secret_value():
        return
    client = BotClient(settings)
    try:
        me = await client.call("getMe")
        yield good(f"Zalo Bot: {me.get('display_name') or me.get('account_name')}.")
        try:
            hook = await client.call("getWebhookInfo")
        except BotApiError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
            hook = {}
        yield _bot_webhook(settings, str(hook.get("url") or ""))
    except BotApiError as error:
        if error.code == HTTPStatus.UNAUTHORIZED:
            yield bad("Zalo không nhận mã của Zalo Bot.", "Chép lại mã mới nhất mà Zalo Bot Creator gửi.")
        else:
            yield bad(f"Zalo Bot trả lời lỗi {error.code}.", "Thử lại sau ít phút.")
    except ChannelError as error:
        mend = "Xem máy có mạng không, tường lửa có chặn bot-api.zaloplatforms.com không."
        yield bad(f"Không nối được tới Zalo Bot ({error}).", mend)
    finally:
        await client.close()
    if storage:
        month = now.astimezone(LOCAL).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        people, messages = await storage.channel_use(ZALO_BOT, month)
        for what, used, most in (("người", people, MOST_PEOPLE), ("tin tháng này", messages, MOST_MESSAGES)):
            text = f"Zalo Bot: {used} {what} trên {most} của gói miễn phí."
            full = "Gói này chỉ để chạy thử; mở cho dân thì dùng Official Account (docs/vi/zalo.md)."
            yield good(text) if used < NEARLY_FULL * most else note(text, full) if used < most else bad(text, full)


def _bot_webhook(settings: Settings, url: str) -> Finding:
    if settings.zalo_bot_mode == "polling":
        if url:
            return note(f"Zalo Bot đang đẩy tin tới {url}.", "Khi chạy ở chế độ polling, bot tự gỡ địa chỉ này.")
        return good("Zalo Bot ở chế độ polling: bot tự hỏi tin mới, không cần địa chỉ công khai.")
    wanted = f"{settings.public_url}{ZALO_BOT_WEBHOOK}"
    if url != wanted:
        what = f"Zalo Bot đang đẩy tin tới: {url or 'chưa đặt'}; đúng ra là {wanted}."
        return bad(what, "Khởi động lại bot để nó đặt lại.")
    return good("Địa chỉ nhận tin của Zalo Bot đã đặt đúng.")


def _official_account(settings: Settings, told: dict[str, Any]) -> list[Finding]:
    if str(told.get("error")) != "0":
        code = told.get("error", "?")
        return [bad(f"Zalo trả lời lỗi {code}.", ZALO_MENDS.get(str(code), "Tra mã lỗi trong docs/vi/zalo.md."))]
    oa = told.get("data") or {}
    found = [good(f"Official Account: {oa.get('name')}, gói {oa.get('package_name') or 'không rõ'}.")]
    if (id_ := str(oa.get("oaid") or oa.get("oa_id") or settings.zalo_oa_id)) != settings.zalo_oa_id:
        found.append(bad(f"Quyền được cấp cho OA {id_}, không phải OA đã đặt.", "Sửa CAMTAY_ZALO_OA_ID."))
    if oa.get("is_verified") is False:
        found.append(bad("OA chưa được xác thực.", "Xác thực OA ở trang quản trị oa.zalo.me."))
    return found


def _template(settings: Settings, told: dict[str, Any]) -> Finding:
    data = told.get("data") or {}
    if str(told.get("error")) != "0":
        return bad(f"Không đọc được mẫu {settings.zalo_template}: lỗi {told.get('error')}.", "Xem lại mã mẫu ZBS.")
    names = {str(one.get("name")) for one in data.get("listParams") or []}
    if unknown := names - TEMPLATE_PARAMETERS:
        return bad(
            f"Mẫu {settings.zalo_template} đòi tham số bot không có: {', '.join(sorted(unknown))}.",
            f"Dùng mẫu chỉ có: {', '.join(sorted(TEMPLATE_PARAMETERS))}.",
        )
    if data.get("status") not in {None, "ENABLE"}:
        return bad(f"Mẫu {settings.zalo_template} chưa dùng được ({data.get('status')}).", "Chờ Zalo duyệt mẫu.")
    return good(f"Mẫu nhắc hẹn {settings.zalo_template} dùng được.")


ZALO_MENDS = {
    "-209": "Bật ứng dụng sang trạng thái hoạt động ở developers.zalo.me.",
    "-212": "Đăng ký sản phẩm “Official Account API” cho ứng dụng.",
    "-216": "Để bot chạy ít phút cho nó gia hạn; vẫn lỗi thì `python -m bot zalo login`.",
    "-220": "Để bot chạy ít phút cho nó gia hạn; vẫn lỗi thì `python -m bot zalo login`.",
    "-221": "Xác thực OA.",
    "-223": "Tích đủ quyền cho ứng dụng rồi `python -m bot zalo login`.",
    "-224": "Nâng gói OA: gói hiện tại không cho gọi API.",
}
