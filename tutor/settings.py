"""Settings: `TUTOR_*` environment variables or a `.env` file, read once, unknown names refused."""

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tutor.errors import SettingsError

APP_NAME = "interview-tutor"
_PREFIX = "TUTOR_"


class Settings(BaseSettings):
    """Everything that can be set; each field is the variable `TUTOR_<NAME>`.

    Attributes:
        model: `local`, `none`, path of a GGUF file, or a LangChain provider string
            (`openai:gpt-…`, `ollama:…`, `deepseek:…`, `anthropic:…`).
        model_url: Base URL of an OpenAI-compatible server; goes with `openai:<name>`.
        model_key: Key for `model_url` or the provider, if not in the provider's own variable.
        model_source: Folder that holds model files or the packages that carry them.
        embedding: `bundled`, or the name or path of any sentence-transformers model.
        english_embedding: A second model for questions in English over notes in English: `bundled`,
            a name or path as above, `none`, or `auto`: the bundled one beside the bundled embedding.
        notes: Files or folders with notes, separated like `PATH`; the shipped notes by default.
        language: Interface language at start.
        data_dir: Where progress, uploaded notes and the index live.
        cache_dir: Where model files live.
        database_url: SQLAlchemy URL of the ledger; a SQLite file in `data_dir` by default.
        host: Address the web page listens on.
        port: Port the web page listens on.
        context_tokens: Context of the local model, in tokens.
        threads: CPU threads of the local model; 0 for one a core, four at most.
        answers: Who words study answers: `notes` (their own sentences), `model`, or `auto`: the notes
            with the embedded model, which is too small for it, and any other model itself.
        rerank: Whether the model looks again at the first notes of every search (seconds).
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",  # checked by name in load_settings, where the message is clear
        frozen=True,
        protected_namespaces=(),
    )

    model: str = "local"
    model_url: str = ""
    model_key: SecretStr | None = None
    model_source: Path | None = None
    embedding: str = "bundled"
    english_embedding: str = "auto"
    notes: str = ""
    language: Literal["zh", "en"] = "zh"
    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path(APP_NAME))
    cache_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path(APP_NAME))
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    context_tokens: int = Field(default=4096, ge=1024, le=131072)
    threads: int = Field(default=0, ge=0, le=256)
    answers: Literal["auto", "notes", "model"] = "auto"
    rerank: bool = False

    @property
    def models_dir(self) -> Path:
        """Folder of the model files."""
        return self.cache_dir / "models"

    @property
    def english(self) -> str:
        """The second model for English as `embedding` names one; empty for none."""
        if self.english_embedding == "auto":
            return "bundled" if self.embedding == "bundled" else ""
        return "" if self.english_embedding == "none" else self.english_embedding

    @property
    def quoting(self) -> bool | None:
        """Whether study answers are in the notes' own words; None leaves it to the model in use."""
        return None if self.answers == "auto" else self.answers == "notes"

    @property
    def uploads_dir(self) -> Path:
        """Folder of the notes that were added through the page."""
        return self.data_dir / "notes"

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return self.database_url or f"sqlite:///{self.data_dir / 'ledger.db'}"

    def note_paths(self) -> list[Path]:
        """The files and folders to read notes from, uploads included where there are any."""
        if self.notes:
            paths = [Path(part).expanduser() for part in self.notes.split(os.pathsep) if part]
        else:
            paths = [bundled_notes()]
        if self.uploads_dir.is_dir():
            paths.append(self.uploads_dir)
        return paths


def bundled_notes() -> Path:
    """Folder of the notes that ship with the product."""
    return Path(__file__).resolve().parent.parent / "knowledge"


def _unknown_names(env_file: Path) -> list[str]:
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    names = {name.upper() for name in os.environ if name.upper().startswith(_PREFIX)}
    if env_file.is_file():
        for line in env_file.read_text(encoding="utf-8", errors="replace").splitlines():
            name = line.partition("=")[0].strip().removeprefix("export ").strip().upper()
            if name.startswith(_PREFIX):
                names.add(name)
    return sorted(names - known)


def load_settings(**overrides: object) -> Settings:
    """Read the environment and `.env`; keyword arguments win over both.

    Raises:
        SettingsError: A `TUTOR_*` name is unknown, or a value cannot be used.
    """
    unknown = _unknown_names(Path(".env"))
    if unknown:
        known = ", ".join(sorted(_PREFIX + name.upper() for name in Settings.model_fields))
        raise SettingsError(
            f"Unknown setting {', '.join(unknown)}; the known ones are {known}.",
            f"未知的设置 {', '.join(unknown)}；可用的设置有 {known}。",
        )
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = _PREFIX + str(first["loc"][0]).upper()
        raise SettingsError(
            f"{name} cannot be {first.get('input')!r}: {first['msg']}; correct it and start again.",
            f"{name} 不能取值 {first.get('input')!r}（{first['msg']}）；请改正后重新启动。",
        ) from error
