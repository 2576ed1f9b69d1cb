"""The report for other tools: Markdown for a pull request, JUnit XML for a build server."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as Xml

from tutor.eval.baseline import Comparison
from tutor.eval.terminal import heading, number


def as_markdown(report: Mapping[str, Any], comparison: Comparison | None = None) -> str:
    """A summary that fits into a comment on a change."""
    lines = ["### Evaluation", "", _cell(heading(report)), ""]
    if comparison is not None:
        lines += _changes(comparison)
    lines += [
        "| suite | data set | figure | value | 95 % interval | scored / total |",
        "|---|---|---|---:|---:|---:|",
    ]
    for figure in report["figures"]:
        low, high = figure["low"], figure["high"]
        interval = "" if low is None else f"{number(low)} … {number(high)}"
        lines.append(
            f"| {figure['suite']} | {_cell(figure['dataset'])} | {figure['name']} "
            f"| {number(figure['value'])} {figure['unit']} | {interval} "
            f"| {figure['scored']} / {figure['total']} |"
        )
    lines += [
        "",
        *(f"- not run: {_cell(s['what'])}: {_cell(s['reason'])}" for s in report["skipped"]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _changes(comparison: Comparison) -> list[str]:
    failed = comparison.regressions
    lines = [
        f"**{len(failed)} regressions**" if failed else "**No regression**",
        "",
        *(
            f"- {f.suite} {_cell(f.dataset)} {f.name}: {number(f.before)} → {number(f.after)} "
            f"(tolerance {number(f.tolerance)}, {f.shared} cases)"
            for f in failed
        ),
    ]
    broken = [change for change in comparison.cases if change.status == "broken"]
    fixed = [change for change in comparison.cases if change.status == "fixed"]
    lines.append(f"- cases: {len(fixed)} fixed, {len(broken)} broken")
    lines += [f"  - broken: {_cell(c.suite)} {_cell(c.case_id)}" for c in broken[:10]]
    return [*lines, ""]


def _cell(text: str) -> str:
    """Text that cannot break a table or become markup."""
    flat = " ".join(text.split())
    return flat.replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[").replace("`", "'")


def as_junit(report: Mapping[str, Any], comparison: Comparison | None = None) -> str:
    """One test a figure; it fails where the figure is a regression, and errs where a suite did."""
    root = Xml.Element("testsuites", name="tutor.eval")
    judged = {(c.suite, c.dataset, c.name): c for c in (comparison.figures if comparison else ())}
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for figure in report["figures"]:
        groups.setdefault((figure["suite"], figure["dataset"]), []).append(figure)
    for (suite, dataset), figures in groups.items():
        node = Xml.SubElement(root, "testsuite", name=f"{suite}.{dataset}", tests=str(len(figures)))
        failures = 0
        for figure in figures:
            case = Xml.SubElement(
                node, "testcase", classname=f"{suite}.{dataset}", name=figure["name"]
            )
            change = judged.get((suite, dataset, figure["name"]))
            if change is not None and change.fails:
                failures += 1
                told = f"{number(change.before)} -> {number(change.after)}, tolerance {number(change.tolerance)}"
                Xml.SubElement(case, "failure", message=told, type=change.status)
            elif figure["value"] is None:
                Xml.SubElement(case, "skipped", message="nothing was scored")
        node.set("failures", str(failures))
    broken = [skip for skip in report["skipped"] if skip["failed"]]
    if broken:
        node = Xml.SubElement(
            root, "testsuite", name="not run", tests=str(len(broken)), errors=str(len(broken))
        )
        for skip in broken:
            case = Xml.SubElement(node, "testcase", classname="not run", name=skip["what"])
            Xml.SubElement(case, "error", message=skip["reason"])
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
