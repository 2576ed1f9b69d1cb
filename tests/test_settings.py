from pathlib import Path

import pytest

from tutor.errors import SettingsError
from tutor.settings import Settings, bundled_notes, load_settings


def test_defaults_are_the_shipped_notes_and_the_local_model() -> None:
    settings = load_settings()
    assert settings.model == "local"
    assert settings.note_paths()[0] == bundled_notes()
    assert settings.ledger_url.startswith("sqlite:///")


def test_an_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_MODLE", "none")
    with pytest.raises(SettingsError, match="TUTOR_MODLE") as caught:
        load_settings()
    assert "TUTOR_MODLE" in caught.value.zh


def test_an_unknown_name_in_the_env_file_is_refused() -> None:
    Path(".env").write_text("# mine\nexport TUTOR_MODEL=none\nTUTOR_COLOUR=red\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="TUTOR_COLOUR"):
        load_settings()


def test_the_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("TUTOR_MODEL=none\nTUTOR_PORT=9000\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("TUTOR_PORT", "9001")
    settings = load_settings()
    assert (settings.model, settings.port) == ("none", 9001)
    assert load_settings(port=9002).port == 9002


def test_a_value_out_of_range_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_PORT", "99999999")
    with pytest.raises(SettingsError, match="TUTOR_PORT"):
        load_settings()


def test_several_note_places_and_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("TUTOR_NOTES", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    settings = load_settings(data_dir=tmp_path / "data")
    assert settings.note_paths() == [tmp_path / "a", tmp_path / "b"]
    settings.uploads_dir.mkdir(parents=True)
    assert settings.note_paths()[-1] == settings.uploads_dir


def test_every_field_is_described() -> None:
    text = Settings.__doc__ or ""
    assert all(f"{name}:" in text for name in Settings.model_fields)


@pytest.mark.parametrize(
    ("answers", "quoting"), [("auto", None), ("notes", True), ("model", False)]
)
def test_who_words_answers_can_be_set(answers: str, quoting: bool | None) -> None:
    assert load_settings(answers=answers).quoting is quoting


@pytest.mark.parametrize(
    ("embedding", "second", "used"),
    [
        ("bundled", "auto", "bundled"),
        ("bundled", "none", ""),
        ("BAAI/bge-m3", "auto", ""),
        ("BAAI/bge-m3", "bundled", "bundled"),
        ("bundled", "some/model", "some/model"),
    ],
)
def test_the_second_encoder_goes_with_the_bundled_one(
    embedding: str, second: str, used: str
) -> None:
    assert load_settings(embedding=embedding, english_embedding=second).english == used
