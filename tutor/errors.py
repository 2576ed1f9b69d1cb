"""Every error a user can meet, each one clear sentence that says what to do.

TutorError
├── SettingsError            a TUTOR_* variable is unknown or wrong
├── NotesError               a note file cannot be used
│   ├── NoNotesError         nothing to learn from was found
│   ├── UnreadableFileError  not text, wrong encoding, damaged
│   └── FileTooLargeError    over the size limit
├── WeightsError             model files
│   ├── DownloadError        no source answered
│   ├── DamagedFileError     size or SHA-256 differs, or a part is foreign
│   └── DiskFullError        not enough free space
├── ModelError               a language model
│   ├── ModelUnavailableError  not installed, no key, not reachable
│   ├── ContextOverflowError   the prompt does not fit
│   └── ModelAnswerError       the reply is not what was asked for
├── SearchError              the index or the embedding model
├── InterviewError           the move is not possible in this session
│   └── StaleSessionError    another tab or process has moved on
├── LedgerError              the data folder or database
├── QuestionTooLongError     the text is over the limit
├── ServeError               the web page cannot be served
└── EvalError                an evaluation could not run
"""

import zipfile
import zlib

ARCHIVE_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a damaged archive raises."""


class TutorError(Exception):
    """Something the user should know, in both interface languages.

    Args:
        en: One English sentence that says what happened and what to do.
        zh: The same in Chinese.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh

    def text(self, lang: str) -> str:
        """The sentence in the interface language ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en


class SettingsError(TutorError):
    """A setting is unknown or its value cannot be used."""


class NotesError(TutorError):
    """A note file or folder cannot be used."""


class NoNotesError(NotesError):
    """No question was found where notes were expected."""


class UnreadableFileError(NotesError):
    """The file is not text we can read."""


class FileTooLargeError(NotesError):
    """The file is over the size limit."""


class WeightsError(TutorError):
    """Model files could not be brought or used."""


class DownloadError(WeightsError):
    """None of a file's sources answered."""


class DamagedFileError(WeightsError):
    """A file or part differs from its published size or SHA-256."""


class DiskFullError(WeightsError):
    """There is not enough free space."""


class ModelError(TutorError):
    """A language model could not do what was asked."""


class ModelUnavailableError(ModelError):
    """The model is not installed, has no key, or cannot be reached."""


class ContextOverflowError(ModelError):
    """The prompt and the reply do not fit the model's context."""


class ModelAnswerError(ModelError):
    """The model's reply does not have the form that was asked for."""


class SearchError(TutorError):
    """The search index or the embedding model cannot be used."""


class InterviewError(TutorError):
    """The move is not possible in this interview now."""


class StaleSessionError(InterviewError):
    """Another tab or process has moved this interview on."""


class LedgerError(TutorError):
    """The data folder or its database cannot be used."""


class QuestionTooLongError(TutorError):
    """The text is over the limit for one message."""


class ServeError(TutorError):
    """The web page cannot be served."""


class EvalError(TutorError):
    """An evaluation could not run."""
