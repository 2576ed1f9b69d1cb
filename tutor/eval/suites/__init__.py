"""The suites, in the order they run."""

from tutor.eval.suites.abstention import AbstentionSuite
from tutor.eval.suites.base import Suite
from tutor.eval.suites.critique import CritiqueSuite
from tutor.eval.suites.grading import GradingSuite
from tutor.eval.suites.grounding import GroundingSuite
from tutor.eval.suites.interview import InterviewSuite
from tutor.eval.suites.latency import LatencySuite
from tutor.eval.suites.retrieval import RetrievalSuite
from tutor.eval.suites.security import SecuritySuite


def all_suites() -> dict[str, Suite]:
    """Every suite by name."""
    suites: list[Suite] = [
        RetrievalSuite(),
        AbstentionSuite(),
        GroundingSuite(),
        CritiqueSuite(),
        GradingSuite(),
        InterviewSuite(),
        SecuritySuite(),
        LatencySuite(),
    ]
    return {suite.name: suite for suite in suites}
