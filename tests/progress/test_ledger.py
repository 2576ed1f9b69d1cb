"""The ledger keeps everything, refuses what is stale, and says clearly what is wrong."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.errors import LedgerError, StaleSessionError
from tutor.interview import machine
from tutor.interview.types import AskNote, Choices, Session
from tutor.progress import migrate, tables
from tutor.progress.ledger import Ledger
from tutor.progress.schedule import rate_session, rerate
from tutor.progress.types import Dispute, Goal, Rating, Refusal, Review

NOTES = make_notes()


def begun(
    session_id: str = "s", user: str = "ann", note_id: str = "n0", minute: float = 0
) -> Session:
    session = machine.start(session_id, user, Choices(), NOTES.values(), at(minute))
    return machine.apply(session, AskNote(note_id), at(minute), prompt="问题？")


def judged(session: Session, text: str, labels: str, minute: float = 1) -> Session:
    session = machine.receive(session, text, at(minute))
    note = NOTES[session.turns[-1].note_id]
    return machine.attach(session, make_critique(note, text, labels))


def test_session_comes_back_equal_and_newest_first(ledger: Ledger) -> None:
    first = ledger.save_session(begun("one"))
    second = ledger.save_session(begun("two", minute=5))
    assert ledger.load_session("one") == first
    assert ledger.sessions("ann") == [second, first]
    assert ledger.sessions("ann", limit=1) == [second]
    done = ledger.save_session(machine.stop(first, at(9)))
    assert ledger.unfinished("ann") == [second]
    assert ledger.load_session("one") == done


def test_save_with_an_old_version_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    saved = ledger.save_session(begun())
    newer = ledger.save_session(machine.hint(saved))
    with pytest.raises(StaleSessionError):
        ledger.save_session(machine.receive(saved, "另一个标签页", at(1)))
    with pytest.raises(StaleSessionError):
        ledger.save_session(begun())
    assert ledger.load_session("s") == newer


def test_typed_words_are_journalled_even_if_the_session_is_stale(ledger: Ledger) -> None:
    ledger.append_answer("ann", "s", 0, "第一次", at(0))
    ledger.append_answer("ann", "s", 0, "第二次", at(1))
    assert [answer.text for answer in ledger.typed_answers("s")] == ["第一次", "第二次"]


@pytest.mark.parametrize("text", ["\0", "\ud800", "😀" * 3, "'; DROP TABLE users; --", "a\r\nb"])
def test_any_text_can_be_saved(ledger: Ledger, text: str) -> None:
    session = judged(begun(), text, "cmm")
    ledger.append_answer("ann", "s", 0, text, NOW)
    assert ledger.load_session(ledger.save_session(session).id).turns[0].answer == text
    assert len(ledger.typed_answers("s")[0].text) >= 1


def test_transaction_keeps_all_or_nothing(ledger: Ledger) -> None:
    session = judged(begun(), "答", "ccc")
    with ledger.transaction() as inside:
        saved = inside.save_session(session)
        inside.record_review("ann", rate_session(saved, NOTES)[0])
    assert len(ledger.reviews("ann")) == 1

    def fails_midway() -> None:
        with ledger.transaction() as inside:
            inside.save_session(machine.stop(saved, at(3)))
            inside.append_answer("ann", "s", 1, "丢弃", at(3))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_midway()
    assert ledger.load_session("s") == saved
    assert ledger.typed_answers("s") == []


def test_asked_notes_come_most_recent_first_each_once(ledger: Ledger) -> None:
    ledger.save_session(begun("a", note_id="n1", minute=0))
    ledger.save_session(begun("b", note_id="n2", minute=1))
    ledger.save_session(begun("c", note_id="n1", minute=2))
    ledger.save_session(begun("d", user="bob", note_id="n3", minute=3))
    assert ledger.asked("ann") == ["n1", "n2"]


def test_judging_again_replaces_review_and_point_results(ledger: Ledger) -> None:
    session = judged(begun(), "答", "mmm")
    for labels in ("mmm", "ccc", "ccc"):
        critique = make_critique(NOTES["n0"], "答", labels)
        session = ledger.save_session(machine.attach(session, critique))
        for review in rate_session(session, NOTES):
            ledger.record_review("ann", review)
    assert [(r.rating, r.score) for r in ledger.reviews("ann")] == [(Rating.EASY, 10.0)]
    assert [r.label for r in ledger.point_results("ann")] == ["covered"] * 3


def test_rating_of_the_learner_stays(ledger: Ledger) -> None:
    review = Review("n0", "s", Rating.AGAIN, NOW, 2.0)
    ledger.record_review("ann", review)
    ledger.record_review("ann", rerate(review, Rating.GOOD))
    ledger.record_review("ann", replace(review, score=3.0, at=at(9)))
    kept = ledger.reviews("ann")[0]
    assert (kept.rating, kept.source, kept.score, kept.at) == (Rating.GOOD, "learner", 3.0, NOW)
    ledger.record_review("ann", rerate(review, Rating.HARD))
    assert ledger.reviews("ann")[0].rating is Rating.HARD


def test_disputes_refusals_and_goal_come_back(ledger: Ledger) -> None:
    dispute = Dispute("s", 0, "n0", "p1", "missed", "covered", "我说了", "答", NOW)
    refusal = Refusal("扩散模型是什么？", ("n1", "n2"), NOW)
    goal = Goal(date(2026, 6, 1), 45)
    ledger.record_dispute("ann", dispute)
    ledger.record_refusal("ann", refusal)
    ledger.set_goal("ann", goal, NOW)
    assert ledger.disputes("ann") == [dispute]
    assert ledger.refusals("ann") == [refusal]
    assert ledger.goal("ann") == goal
    ledger.set_goal("ann", Goal(None, 20), NOW)
    assert ledger.goal("ann") == Goal(None, 20)
    assert ledger.goal("bob") is None


def test_users_are_apart_and_one_can_be_deleted(ledger: Ledger) -> None:
    for user in ("ann", "bob"):
        saved = ledger.save_session(judged(begun(user, user=user), "答", "cmm"))
        ledger.append_answer(user, user, 0, "答", NOW)
        ledger.record_review(user, rate_session(saved, NOTES)[0])
        ledger.record_refusal(user, Refusal("?", (), NOW))
    before = list(ledger.rows_of("bob"))
    assert ledger.delete_user("ann") > 5
    assert list(ledger.rows_of("ann")) == []
    assert ledger.users() == ["bob"]
    assert list(ledger.rows_of("bob")) == before


def test_unknown_interview_is_said(ledger: Ledger) -> None:
    with pytest.raises(LedgerError) as caught:
        ledger.load_session("nothing")
    assert "start a new one" in caught.value.en


def test_many_threads_write_without_loss(ledger: Ledger) -> None:
    def write(number: int) -> None:
        for step in range(5):
            ledger.append_answer(f"user{number}", "s", step, f"{number}-{step}", at(step))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.typed_answers("s")) == 20


def test_only_one_of_two_tabs_wins(ledger: Ledger) -> None:
    saved = ledger.save_session(begun())
    outcomes: list[str] = []

    def answer(text: str) -> None:
        try:
            ledger.save_session(machine.receive(saved, text, at(1)))
            outcomes.append("saved")
        except StaleSessionError:
            outcomes.append("stale")

    threads = [threading.Thread(target=answer, args=(text,)) for text in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "stale", "stale", "stale"]


def test_migrations_make_exactly_the_tables_the_code_uses(ledger: Ledger) -> None:
    with ledger._engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == migrate.HEAD


# SQLite's own troubles


def test_reopened_file_has_everything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'ledger.db'}"
    first = Ledger(url)
    saved = first.save_session(begun())
    first.close()
    second = Ledger(url)
    assert second.load_session("s") == saved
    second.close()


def test_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for path in (tmp_path / "file" / "ledger.db", tmp_path):
        with pytest.raises(LedgerError) as caught:
            Ledger(f"sqlite:///{path}")
        assert "TUTOR_DATA_DIR" in caught.value.en
        assert "TUTOR_DATA_DIR" in caught.value.zh


def test_read_only_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger(f"sqlite:///{path}").close()
    ledger = Ledger(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert ledger.users() == []  # reading works
    with pytest.raises(LedgerError) as caught:
        ledger.ensure_user("ann", NOW)
    assert "write access" in caught.value.en
    ledger.close()


@pytest.mark.parametrize("damage", ["header", "middle"])
def test_damaged_database_is_refused_and_left_untouched(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger(f"sqlite:///{path}")
    for number in range(30):
        ledger.append_answer("ann", "s", number, "字" * 500, NOW)
    ledger.close()
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[:100] = b"x" * 100
    else:
        content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(LedgerError) as caught:
        Ledger(f"sqlite:///{path}").typed_answers("s")
    assert "left untouched" in caught.value.en
    assert path.read_bytes() == bytes(content)


def test_locked_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "BUSY_MS", 50)
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    one, two = Ledger(url), Ledger(url)
    with one.transaction() as inside:
        inside.append_answer("ann", "s", 0, "写作中", NOW)
        with pytest.raises(LedgerError) as caught:
            two.append_answer("ann", "s", 0, "等待", NOW)
    assert "Another program" in caught.value.en
    two.append_answer("ann", "s", 1, "现在可以", NOW + timedelta(minutes=1))
    assert [answer.text for answer in one.typed_answers("s")] == ["写作中", "现在可以"]
    one.close()
    two.close()


def test_full_disk_is_said(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    with ledger._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    @sa.event.listens_for(ledger._engine, "begin")
    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with pytest.raises(LedgerError) as caught:
        ledger.append_answer("ann", "s", 0, "字" * 100_000, NOW)
    assert "disk is full" in caught.value.en
    ledger.close()


def test_newer_database_and_wrong_address_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger(f"sqlite:///{path}").close()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(LedgerError) as caught:
        Ledger(f"sqlite:///{path}")
    assert "newer version" in caught.value.en
    for url in ("nonsense", "oracle+nothing://x", ""):
        with pytest.raises(LedgerError) as caught:
            Ledger(url)
        assert "TUTOR_DATABASE_URL" in caught.value.en
