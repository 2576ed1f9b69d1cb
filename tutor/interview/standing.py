"""How each key point of a note stands after everything the learner said about it."""

from tutor.critique.types import Label, Verdict
from tutor.interview.types import Mode, Phase, Session
from tutor.notes.types import KeyPoint, Note

# What a follow-up is worth most on: a wrong belief first, then what is missing, then what is half
# said; a bonus point comes after every required one.
_VALUE = {Label.CONTRADICTED: 3, Label.MISSED: 2, Label.PARTIAL: 1}
_GOODNESS = {
    Label.UNSCORED: 0,
    Label.MISSED: 1,
    Label.CONTRADICTED: 2,
    Label.PARTIAL: 3,
    Label.COVERED: 4,
}


def standing(session: Session, note: Note) -> dict[str, Verdict]:
    """The best verdict of each point over the note's judged turns, in the note's order.

    A point said only after a follow-up counts as said. A contradiction outweighs silence, and a
    later correct statement outweighs an earlier contradiction; but a contradiction that comes
    after a covered verdict is taken as the learner's last word. A verdict that the learner
    overruled stands against all others.
    """
    known = {point.id for point in note.key_points}
    best: dict[str, Verdict] = {}
    for turn in session.of_note(note.id):
        for verdict in turn.critique.verdicts if turn.critique else ():
            old = best.get(verdict.point_id)
            if verdict.point_id not in known:
                continue
            if old is None or _outweighs(verdict, old):
                best[verdict.point_id] = verdict
    return {point.id: best[point.id] for point in note.key_points if point.id in best}


def _outweighs(new: Verdict, old: Verdict) -> bool:
    if "learner" in (new.judge, old.judge):
        return new.judge == "learner"
    if new.label is Label.CONTRADICTED:
        return True
    return _GOODNESS[new.label] > _GOODNESS[old.label]


def open_points(session: Session, note: Note) -> list[KeyPoint]:
    """Points worth a follow-up, the most valuable first; shown ones are no longer open."""
    verdicts = standing(session, note)
    shown = shown_points(session, note.id)
    lacking = [
        point
        for point in note.key_points
        if point.id in verdicts and verdicts[point.id].label in _VALUE and point.id not in shown
    ]
    return sorted(lacking, key=lambda p: (not p.required, -_VALUE[verdicts[p.id].label]))


def shown_points(session: Session, note_id: str) -> frozenset[str]:
    """Points of the note whose text the learner has been shown."""
    return frozenset(point for turn in session.of_note(note_id) for point in turn.shown)


def visible_points(session: Session, note: Note, in_play: bool) -> frozenset[str]:
    """Points whose text the page may show now.

    Real mode shows none before the end. Study mode holds back what is not yet covered while a
    follow-up may still ask for it (``in_play``: the next move is about this note).
    """
    everything = frozenset(point.id for point in note.key_points)
    if session.phase is Phase.DONE:
        return everything
    if session.choices.mode is Mode.REAL:
        return frozenset()
    if not in_play:
        return everything
    said = {
        point_id
        for point_id, verdict in standing(session, note).items()
        if verdict.label is Label.COVERED
    }
    return shown_points(session, note.id) | said
