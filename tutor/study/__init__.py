"""Study: a question, answered from the notes."""

from tutor.study.study import Study

__all__ = ["Study"]
