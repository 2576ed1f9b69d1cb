"""The suites, in the order they run."""

from tutor.eval.suites.base import Suite
from tutor.eval.suites.critique import CritiqueSuite
from tutor.eval.suites.retrieval import RetrievalSuite


def all_suites() -> dict[str, Suite]:
    """Every suite by name."""
    suites: list[Suite] = [RetrievalSuite(), CritiqueSuite()]
    return {suite.name: suite for suite in suites}
