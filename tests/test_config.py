"""Settings, and the example file that names each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dotenv import dotenv_values

from bot.config import PROJECT, settings_from

EXAMPLE = {name: value or "" for name, value in dotenv_values(PROJECT / "config.example.env").items()}


class Asked(Mapping[str, str]):
    """An environment without anything set, which notes what is asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(key)
        return default

    def __getitem__(self, key: str) -> str:
        self.names.add(key)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_example_file_names_every_setting_and_no_other() -> None:
    asked = Asked()
    settings_from(asked)
    assert set(EXAMPLE) == asked.names


def test_the_example_file_holds_the_defaults() -> None:
    assert settings_from(EXAMPLE) == settings_from({})


def test_no_representation_shows_a_secret() -> None:
    settings = settings_from(
        {
            "TELEGRAM_BOT_TOKEN": "123456:SECRET",
            "LLM_BASE_URL": "http://user:SECRET@127.0.0.1/v1",
            "LLM_MODEL": "m",
            "LLM_API_KEY": "SECRET",
        }
    )
    assert "SECRET" not in repr(settings)
