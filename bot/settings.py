"""What an admin can set: environment over `.env`, every name with CAMTAY_ before it. `.env.example` explains each."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import structlog
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import Clock, SteppedClock, WallClock
from bot.errors import SettingsError

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_ZALO_TOKEN = re.compile(r"\d+:\S+")
_VERIFIER = re.compile(r"[A-Za-z0-9_-]{43}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")

ZALO_BOT_SECRET_LEAST = 8  # characters, by the platform

log = structlog.get_logger()


class Settings(BaseSettings):
    """The settings, read once at the start."""

    model_config = SettingsConfigDict(env_prefix="CAMTAY_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    database_url: str = ""  # empty: camtay.db in data_dir
    content_dir: Path | None = None  # the commune's overlay over the content that ships
    semantic: bool = False  # a small language model helps to understand; needs the extra `semantic`
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080  # 0: any free one
    public_url: str = ""  # where citizens reach the site, e.g. https://hoi.xasuoihoa.gov.vn; empty: host and port
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()  # sites that may frame /chat, separated by spaces
    telegram_token: SecretStr = SecretStr("")  # from @BotFather; empty: no Telegram
    telegram_api_url: str = "https://api.telegram.org"  # root of any Bot API server
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")  # empty: made from the token
    zalo_oa_id: str = ""  # of the Official Account; empty: no Zalo
    zalo_app_id: str = ""
    zalo_app_secret: SecretStr = SecretStr("")  # of the app, for tokens
    zalo_oa_secret: SecretStr = SecretStr("")  # the OA secret key of the webhook page: signs what is pushed to us
    zalo_code_verifier: SecretStr = SecretStr("")  # 43 characters, where the console keeps one challenge; empty: made
    zalo_api_url: str = "https://openapi.zalo.me"
    zalo_oauth_url: str = "https://oauth.zaloapp.com"
    zalo_zns_url: str = "https://business.openapi.zalo.me"
    zalo_template: str = ""  # id of an approved ZBS template for reminders; empty: none
    zalo_monthly_dong: Annotated[int, Field(ge=0)] = 0  # what paid messages may cost a month; 0: only free ones
    zalo_bot_token: SecretStr = SecretStr("")  # of the Bot platform, from Zalo Bot Creator; empty: no bot
    zalo_bot_api_url: str = "https://bot-api.zaloplatforms.com"
    zalo_bot_mode: Literal["polling", "webhook"] = "polling"
    zalo_bot_webhook_secret: SecretStr = SecretStr("")  # empty: made from the token
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    clock: Annotated[str, Field(pattern="^(|stepped:.+)$")] = ""  # rehearsals only

    @field_validator("content_dir")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError("không có thư mục này")
        return folder

    @field_validator("embed_origins", mode="before")
    @classmethod
    def _are_origins(cls, value: object) -> object:
        origins = tuple(value.replace(",", " ").split()) if isinstance(value, str) else value
        if isinstance(origins, tuple) and not all(_ORIGIN.fullmatch(origin) for origin in origins):
            raise ValueError("mỗi trang viết dạng https://ten-mien, cách nhau bằng dấu cách")
        return origins

    @field_validator("telegram_token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        if (said := token.get_secret_value()) and not _TOKEN.fullmatch(said):
            raise ValueError("chép nguyên mã bot mà @BotFather đưa, dạng 123456:chữ-và-số")
        return token

    @field_validator("zalo_bot_token")
    @classmethod
    def _is_a_bots_token(cls, token: SecretStr) -> SecretStr:
        if (said := token.get_secret_value()) and not _ZALO_TOKEN.fullmatch(said):
            raise ValueError("chép nguyên mã bot mà Zalo Bot Creator gửi, dạng 123456:chữ-và-số")
        return token

    @field_validator("zalo_code_verifier")
    @classmethod
    def _is_a_verifier(cls, verifier: SecretStr) -> SecretStr:
        if (said := verifier.get_secret_value()) and not _VERIFIER.fullmatch(said):
            raise ValueError("đúng 43 ký tự: chữ cái không dấu, số, gạch dưới, gạch ngang")
        return verifier

    @field_validator("telegram_webhook_secret", "zalo_bot_webhook_secret")
    @classmethod
    def _is_a_secret(cls, secret: SecretStr) -> SecretStr:
        if (said := secret.get_secret_value()) and not _SECRET.fullmatch(said):
            raise ValueError("chỉ gồm chữ cái không dấu, số, gạch dưới, gạch ngang; tối đa 256 ký tự")
        return secret

    @model_validator(mode="after")
    def _webhooks_have_an_address(self) -> Self:
        if self.telegram_token.get_secret_value() and self.telegram_mode == "webhook" and not self.public_url:
            raise ValueError("CAMTAY_TELEGRAM_MODE=webhook cần CAMTAY_PUBLIC_URL (https://tên-miền của xã)")
        pushed = self.zalo_bot_token.get_secret_value() and self.zalo_bot_mode == "webhook"
        if pushed and not self.public_url.startswith("https://"):
            raise ValueError("CAMTAY_ZALO_BOT_MODE=webhook cần CAMTAY_PUBLIC_URL (https://tên-miền của xã)")
        if pushed and 0 < len(self.zalo_bot_webhook_secret.get_secret_value()) < ZALO_BOT_SECRET_LEAST:
            raise ValueError(f"CAMTAY_ZALO_BOT_WEBHOOK_SECRET cần từ {ZALO_BOT_SECRET_LEAST} ký tự")
        return self

    @model_validator(mode="after")
    def _zalo_is_whole(self) -> Self:
        if self.zalo_oa_id:
            missing = [
                name
                for name in ("zalo_app_id", "zalo_app_secret", "zalo_oa_secret")
                if not (value := getattr(self, name))
                or (isinstance(value, SecretStr) and not value.get_secret_value())
            ]
            if missing:
                raise ValueError("Zalo còn thiếu " + ", ".join(f"CAMTAY_{name.upper()}" for name in missing))
        return self

    @field_validator("telegram_api_url", "zalo_api_url", "zalo_oauth_url", "zalo_zns_url", "zalo_bot_api_url")
    @classmethod
    def _is_a_server(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^\s?#]+", url):
            raise ValueError("viết dạng https://tên-máy-chủ")
        return url.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        if url and not _ORIGIN.fullmatch(url.rstrip("/")):
            raise ValueError("viết dạng https://ten-mien")
        return url.rstrip("/")

    @property
    def storage_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'camtay.db'}"

    @property
    def key_file(self) -> Path:
        """The key of the hashes that survive an erasure. Part of a backup, and of nothing else."""
        return self.data_dir / "hash.key"

    @property
    def site(self) -> str:
        """The address of the site, without a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def make_clock(self) -> Clock:
        return SteppedClock(Path(self.clock.removeprefix("stepped:"))) if self.clock else WallClock()


def read_settings() -> Settings:
    """The settings. SettingsError lists every one that makes no sense."""
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [f"  {_name(e)}{_why(e)}" for e in error.errors()]
        raise SettingsError("Cài đặt chưa đúng (xem .env.example):\n" + "\n".join(lines)) from error
    unknown = unknown_names(os.environ)
    if unknown:
        log.warning("unknown settings", names=unknown)
    return settings


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """Names that look like settings of ours and are none: perhaps misspelt."""
    known = {f"CAMTAY_{name.upper()}" for name in Settings.model_fields} | _FOR_TESTS
    return sorted(name for name in environment if name.startswith("CAMTAY_") and name not in known)


_FOR_TESTS = {"CAMTAY_SOAK", "CAMTAY_REQUIRE_BROWSER"}


def _name(error: object) -> str:
    assert isinstance(error, dict)  # noqa: S101
    return f"CAMTAY_{'_'.join(map(str, error['loc'])).upper()}: " if error["loc"] else ""


def _why(error: object) -> str:
    assert isinstance(error, dict)  # noqa: S101
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"“{error['input']}” không thuộc dạng cho phép: {error['ctx']['pattern']}"
        case _:
            return f"“{error.get('input')}” không dùng được"
