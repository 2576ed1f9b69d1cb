"""`python -m tutor doctor`: what is installed, what is in use, what is missing, what to do."""

import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tutor.errors import TutorError
from tutor.llm.weights import status
from tutor.notes import load_notes
from tutor.progress.ledger import Ledger
from tutor.settings import Settings

_EXTRAS = {
    "langchain_openai": "openai",
    "langchain_ollama": "ollama",
    "langchain_deepseek": "deepseek",
    "langchain_anthropic": "anthropic",
    "mammoth": "documents",
    "genanki": "anki",
    "psycopg": "postgres",
}
_STATES = {"missing": "缺少", "partial": "下载未完成", "damaged": "已损坏"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        en: What was found, and what to do where it is bad.
        zh: The same in Chinese.
        bad: True where something must be done before the tutor works as set.
    """

    en: str
    zh: str
    bad: bool = False

    def line(self, lang: str) -> str:
        """The finding with its mark, for the terminal."""
        return f"{'✗' if self.bad else '✓'} {self.zh if lang == 'zh' else self.en}"


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything the settings name, changing nothing that matters."""
    return [
        Finding(
            f"Python {platform.python_version()} on {platform.system()} {platform.machine()}.",
            f"Python {platform.python_version()}，{platform.system()} {platform.machine()}。",
            bad=sys.version_info < (3, 11),
        ),
        *_files(settings),
        _model(settings),
        _embedding(settings),
        _notes(settings),
        _index(settings),
        _ledger(settings),
        _disk(settings.cache_dir),
        _extras(),
    ]


def _files(settings: Settings) -> list[Finding]:
    found = []
    for seen in status(settings):
        if not seen.wanted:
            continue
        name = seen.file.name
        if seen.state == "ok":
            found.append(Finding(f"Model file {name}: installed.", f"模型文件 {name}：已安装。"))
        else:
            found.append(
                Finding(
                    f"Model file {name}: {seen.state}; run `python -m tutor models pull`.",
                    f"模型文件 {name}：{_STATES[seen.state]}；请运行 `python -m tutor models pull`。",
                    bad=True,
                )
            )
    return found


def _model(settings: Settings) -> Finding:
    if settings.model == "none":
        return Finding(
            "No language model is set (TUTOR_MODEL=none): answers are the notes' own words.",
            "未使用语言模型（TUTOR_MODEL=none）：回答直接引用笔记原文。",
        )
    from tutor.llm.providers import build_model

    try:
        build_model(settings)
    except TutorError as error:
        return Finding(error.en, error.zh, bad=True)
    return Finding(f"Language model: {settings.model}.", f"语言模型：{settings.model}。")


def _embedding(settings: Settings) -> Finding:
    from tutor.search.embed import load_encoder, load_english

    try:
        name = load_encoder(settings.embedding, settings.models_dir).name
        english = load_english(settings.english, settings.models_dir)
    except TutorError as error:
        return Finding(error.en, error.zh, bad=True)
    if english is not None:
        return Finding(
            f"Embedding models: {name}, and {english.name} for English.",
            f"向量模型：{name}；英文另用 {english.name}。",
        )
    if settings.english:
        return Finding(
            f"Embedding model: {name}. The second one, for notes in English, is not here; "
            "`python -m tutor models pull` brings it.",
            f"向量模型：{name}。英文笔记用的第二个模型尚未下载；可运行 `python -m tutor models pull`。",
        )
    return Finding(f"Embedding model: {name}.", f"向量模型：{name}。")


def _notes(settings: Settings) -> Finding:
    try:
        library = load_notes(settings.note_paths())
    except TutorError as error:
        return Finding(error.en, error.zh, bad=True)
    usable = sum(note.usable for note in library.notes)
    places = ", ".join(str(path) for path in settings.note_paths())
    failed_en = f"; {len(library.errors)} files could not be read" if library.errors else ""
    failed_zh = f"；{len(library.errors)} 个文件无法读取" if library.errors else ""
    return Finding(
        f"Notes: {len(library.notes)} questions, {usable} ready for an interview, in {places}{failed_en}.",
        f"笔记：{len(library.notes)} 道题，{usable} 道可用于面试，位于 {places}{failed_zh}。",
        bad=not library.notes or bool(library.errors),
    )


def _index(settings: Settings) -> Finding:
    folder = settings.data_dir / "index"
    made = folder.is_dir() and any(path.is_dir() for path in folder.iterdir())
    if made:
        return Finding(f"Index: in {folder}.", f"索引：位于 {folder}。")
    return Finding(
        f"Index: not made yet; the first start makes it in {folder}.",
        f"索引：尚未建立，首次启动时会建在 {folder}。",
    )


def _ledger(settings: Settings) -> Finding:
    try:
        ledger = Ledger(settings.ledger_url)
        users = len(ledger.users())
        ledger.close()
    except TutorError as error:
        return Finding(error.en, error.zh, bad=True)
    place = settings.database_url.rpartition("@")[2] or str(settings.data_dir / "ledger.db")
    return Finding(
        f"Ledger: {place}, {users} learner(s).", f"学习记录：{place}，{users} 位学习者。"
    )


def _disk(folder: Path) -> Finding:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free / 1e9
    return Finding(
        f"Free disk for models: {free:.1f} GB" + (" (2.7 GB are needed)." if free < 2.9 else "."),
        f"模型可用磁盘：{free:.1f} GB" + ("（需要 2.7 GB）。" if free < 2.9 else "。"),
        bad=free < 0.2,
    )


def _extras() -> Finding:
    there = [extra for module, extra in _EXTRAS.items() if importlib.util.find_spec(module)]
    missing = [extra for extra in _EXTRAS.values() if extra not in there]
    return Finding(
        f"Optional parts installed: {', '.join(there) or 'none'}; "
        f"not installed: {', '.join(missing) or 'none'} (pip install -e '.[NAME]').",
        f"已安装的可选组件：{'、'.join(there) or '无'}；"
        f"未安装：{'、'.join(missing) or '无'}（pip install -e '.[名称]'）。",
    )
