"""Reports that other programs and people read."""

from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

from tests.eval.values import NumberSuite, make_bench
from tutor.eval import charts
from tutor.eval.baseline import Comparison, Thresholds, compare_reports
from tutor.eval.exchange import as_junit, as_markdown
from tutor.eval.html import as_html
from tutor.eval.report import Report, make_report
from tutor.eval.runner import Skip, run_suites
from tutor.eval.types import Outcome


def _runs() -> tuple[Report, Comparison]:
    reports = []
    for value in (1.0, 0.0):
        bench = make_bench()
        run = run_suites([NumberSuite(range(30), lambda _, value=value: value)], bench)
        run.skipped.append(Skip("latency own", "no <model>", failed=True))
        reports.append(make_report(run, bench))
    suites = {"numbers": NumberSuite([], float)}
    return reports[1], compare_reports(reports[0], reports[1], suites, Thresholds())


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_needs_nothing_else_and_escapes_what_it_shows() -> None:
    report, comparison = _runs()
    page = _Page()
    text = as_html(report, comparison)
    page.feed(text)
    assert all(link.startswith("#") for link in page.links)
    assert "script" not in page.tags
    assert "b" not in page.tags  # the evidence of every case is "<b>&</b>"
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in text
    assert "30 broken" in text
    assert "no &lt;model&gt;" in text


def test_every_kind_of_suite_gets_its_picture() -> None:
    bench = make_bench()
    report = make_report(run_suites([NumberSuite([], float)], bench), bench)
    rows = {
        "retrieval": {"rank": 2},
        "critique": {
            "gold": ["covered", None],
            "labels": ["partial", "missed"],
            "p": [0.7, 0.1],
            "gold_score": 8.0,
            "score": 6.0,
        },
        "grounding": {"gold": "supported", "label": "unsupported", "support": 0.4},
        "abstention": {"answerable": True, "answered": False, "confidence": 0.3},
    }
    fields = {
        "case_id": "c",
        "group": "c",
        "seconds": 0.2,
        "evidence": "",
        "error": "",
        "badness": 0.9,
    }
    report["cases"] = [
        {"suite": suite, "dataset": "own", "values": values, **fields}
        for suite, values in rows.items()
    ]
    text = as_html(report)
    for suite in rows:
        assert f'{suite} own"' in text
    assert text.count("<rect") > 16 + 9 + 4
    assert "Ranks of the right note: retrieval own" in text
    assert text.count("Reliability: ") == text.count("Right and given: ") == 3
    assert "Marks: critique own" in text


def test_markdown_names_regressions_first_and_keeps_its_table() -> None:
    report, comparison = _runs()
    text = as_markdown(report, comparison)
    assert text.index("1 regressions") < text.index("| suite |")
    rows = [line for line in text.splitlines() if line.startswith("| numbers")]
    assert [line.count("|") for line in rows] == [7]
    assert "&lt;model>" in text


def test_junit_fails_the_figure_and_the_suite_that_did_not_run() -> None:
    root = Xml.fromstring(as_junit(*_runs()))  # noqa: S314 -- written by the line itself
    failed = [
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    ]
    errors = [case.get("name") for case in root.iter("testcase") if case.find("error") is not None]
    assert (failed, errors) == (["value"], ["latency own"])


def test_a_chart_of_nothing_is_nothing() -> None:
    assert charts.reliability([], [], "x") == ""
    assert charts.rank_histogram([], "x") == ""
    assert charts.time_histogram([0.0, 2.0], "x") == ""


def test_the_rank_histogram_counts_what_was_not_found() -> None:
    chart = charts.rank_histogram([1, 1, 3, 0, 14], "ranks")
    assert "<title>1: 2</title>" in chart
    assert "<title>–: 2</title>" in chart


def test_an_unscored_outcome_breaks_no_picture() -> None:
    report, _ = _runs()
    report["cases"].append(
        {"suite": "critique", "dataset": "own", "case_id": "x", "group": "x", "values": {},
         "seconds": 0.0, "evidence": "", "error": "broken", "badness": 1.0}
    )  # fmt: skip
    assert "broken" in as_html(report)
    assert Outcome("x", "x", {}, error="broken").badness == 0.0
