"""Environment and `.env` -> Settings: the one place that knows the names of settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    token: str = ""
    base_url: str = ""
    """Root of a Bot API server other than Telegram's, e.g. `http://127.0.0.1:8081`; empty for Telegram."""
    proxy: str = ""
    """`http://`, `https://` or `socks5://` address, for networks that cannot reach Telegram."""
    webhook_url: str = ""
    """Public HTTPS address that Telegram calls; empty polls instead."""
    webhook_secret: str = ""
    """1 to 256 of A-Z a-z 0-9 _ -; needed with a webhook."""
    webhook_listen: str = "127.0.0.1:8080"
    metrics_listen: str = ""
    """Host and port on which /metrics is served; empty for nowhere."""
    staff: frozenset[int] = frozenset()
    """Numeric Telegram ids of the people who may refresh the index and read the reports."""

    def __repr__(self) -> str:
        """Never shows the token, the secret or a proxy's password."""
        return f"TelegramSettings(token={'set' if self.token else 'unset'}, webhook={bool(self.webhook_url)})"


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    base_url: str = ""
    """Root of an OpenAI-compatible server, e.g. `http://127.0.0.1:11434/v1`; empty for no language model."""
    model: str = ""
    api_key: str = ""

    def __repr__(self) -> str:
        """Never shows the key, nor a password of the address."""
        key = "set" if self.api_key else "unset"
        return f"LanguageModelSettings(model={self.model!r}, host={urlsplit(self.base_url).hostname!r}, key={key})"


@dataclass(frozen=True, slots=True)
class Settings:
    knowledge_dir: Path
    index_dir: Path
    var_dir: Path
    """Everything that the program makes, unless another setting says where."""
    model_cache_dir: Path
    database_url: str
    embedding_model: str
    """`default` for the bundled multilingual-e5-small, or a sentence-transformers model's name or path."""
    reader_model: str
    """`default` for the bundled reader, a folder like its own, or `none` to answer without one."""
    threads: int
    """Threads of the encoder; 0 leaves it to the machine."""
    retention_days: int
    """Days after which a logged question is deleted; 0 keeps it for good."""
    telegram: TelegramSettings
    language_model: LanguageModelSettings = LanguageModelSettings()


def _path(value: str) -> Path:
    path = Path(value).expanduser()
    return path if path.is_absolute() else PROJECT / path


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "").strip() or str(default)
    if not value.isdecimal():
        raise SettingsError(f"{name} 应为非负整数，现在是“{value}”。请在环境变量或 .env 里改正。")
    return int(value)


def _ids(environment: Mapping[str, str], name: str) -> frozenset[int]:
    parts = environment.get(name, "").replace("，", ",").replace(",", " ").split()
    if wrong := next((part for part in parts if not (part.isascii() and part.isdecimal())), None):
        raise SettingsError(
            f"{name} 应为用逗号隔开的 Telegram 数字编号，“{wrong}”不是。请在环境变量或 .env 里改正。"
        )
    return frozenset(map(int, parts))


def _language_model(settings: LanguageModelSettings) -> LanguageModelSettings:
    """The settings, checked; the key is never repeated in a message."""
    if not settings.base_url:
        if settings.model or settings.api_key:
            raise SettingsError(
                "设了 LLM_MODEL 或 LLM_API_KEY，还要设 LLM_BASE_URL（服务的根地址）才会启用。"
            )
        return settings
    try:
        url = urlsplit(settings.base_url)
        host, _ = url.hostname, url.port
    except ValueError:
        url, host = urlsplit(""), None
    if url.scheme not in {"http", "https"} or not host or url.query or url.fragment:
        raise SettingsError(
            "LLM_BASE_URL 应为 http:// 或 https:// 开头的根地址，如 http://127.0.0.1:11434/v1。"
        )
    if not settings.model:
        raise SettingsError("设了 LLM_BASE_URL 就必须同时设 LLM_MODEL（模型名称，服务的文档里有）。")
    if not (settings.api_key.isascii() and settings.api_key.isprintable() and " " not in settings.api_key):
        raise SettingsError("LLM_API_KEY 只能是不含空格的英文字母、数字和符号，请重新复制。")
    return settings


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Settings from a mapping of names to values; an empty value counts as unset.

    Raises SettingsError with the name of the setting and what it must look like.
    """

    def get(name: str, default: str = "") -> str:
        return environment.get(name, "").strip() or default

    var = _path(get("VAR_DIR", "var"))
    telegram = TelegramSettings(
        token=get("TELEGRAM_BOT_TOKEN"),
        base_url=get("TELEGRAM_BASE_URL").rstrip("/"),
        proxy=get("TELEGRAM_PROXY"),
        webhook_url=get("TELEGRAM_WEBHOOK_URL"),
        webhook_secret=get("TELEGRAM_WEBHOOK_SECRET"),
        webhook_listen=get("TELEGRAM_WEBHOOK_LISTEN", "127.0.0.1:8080"),
        metrics_listen=get("METRICS_LISTEN"),
        staff=_ids(environment, "TELEGRAM_STAFF"),
    )
    if telegram.webhook_url and not telegram.webhook_secret:
        raise SettingsError(
            "设了 TELEGRAM_WEBHOOK_URL 就必须同时设 TELEGRAM_WEBHOOK_SECRET（1 至 256 个字母、数字、_ 或 -）。"
        )
    return Settings(
        knowledge_dir=_path(get("KNOWLEDGE_DIR", "knowledge")),
        var_dir=var,
        index_dir=_path(get("INDEX_DIR", str(var / "index"))),
        model_cache_dir=_path(get("MODEL_CACHE_DIR", str(var / "models"))),
        database_url=get("DATABASE_URL", f"sqlite:///{var / 'questions.db'}"),
        embedding_model=get("EMBEDDING_MODEL", "default"),
        reader_model=get("READER_MODEL", "default"),
        threads=_whole_number(environment, "THREADS", 0),
        retention_days=_whole_number(environment, "RETENTION_DAYS", 365),
        telegram=telegram,
        language_model=_language_model(
            LanguageModelSettings(get("LLM_BASE_URL").rstrip("/"), get("LLM_MODEL"), get("LLM_API_KEY"))
        ),
    )


def load_settings(env_file: Path = PROJECT / ".env") -> Settings:
    """Settings of this process: `.env` first, the environment over it."""
    from_file = {key: value for key, value in dotenv_values(env_file).items() if value is not None}
    return settings_from({**from_file, **os.environ})
