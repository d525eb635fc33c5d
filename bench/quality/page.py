"""docs/quality.md from the record of the last runs. Measures nothing and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.quality.result import Figure, Rival, SetResult

SOURCES = {
    "ecbplus": "ECB+ (Cybulska and Vossen 2014), topics 1 to 22: two easily confused events a topic",
    "gedikli": "story chains of Gedikli and others: articles of 18 outlets, 2021, stories from hand-labelled pairs",
    "cascade": "Reuters-21578 texts filed by simulated agencies and carried by simulated outlets under known edits",
    "seeds": "five real articles on one event, every paragraph pair labelled by hand",
    "msrp": "Microsoft Research Paraphrase Corpus, training part",
    "clough_stevenson": "Clough and Stevenson's corpus of plagiarised short answers (2011)",
    "reuters21578": "Reuters-21578, newswire of 1987, without labels",
    "scans": "Reuters-21578 items as papers of one day printed and machines misread them, cut at the end",
    "credits": "real articles labelled for credits, citations and false friends by one reader",
    "wire_bylines": "bylines of local outlets flagged as wire by a detector whose errors are marked",
    "scenarios": "invented: running news, news with one background, several reporters, events of one kind, rewording",
    "spread": "generated: invented texts that spread under edits, mixed and stripped credits, second hops and wrong clocks",
}

_HEAD = """# Quality

What the shipped pipeline reaches on labelled data, beside what one would otherwise reach for, measured in one run on the same
articles. Written by the command below; `bench/quality/baseline.json` holds the same figures for machines.

    {command}

LABELLED is a folder with one folder a set; nothing of the sets is part of this project. The command fails when a figure falls
below the one written here by more than its noise.

- **Wiretrace**: the service's own parts on an empty store, default settings, articles taken in one by one in the order of the
  set. Thresholds and weights are those of the release unless the row says otherwise. "Topics unseen" and "five folds": learned
  on the other folds, measured on the rest. Story weights learn from pairs of newswire items too, which are no event together, and
  from scenarios other than those measured here.
- **±** is one standard error: gold clusters drawn anew with replacement for partitions, cases drawn anew for F1 and calibration,
  the binomial one for shares. Plain counts have none.
- **Other methods**: the first figure is at the threshold named below the table; the second, in brackets, at the threshold that is
  best *on the answers*: an upper bound that nobody has in practice. Where pairs of texts are judged, the same similarities are
  used with a threshold on the pair.
- **B3 F1**: per article, the part of its cluster that is in its gold cluster (precision) and the reverse (recall), averaged, F1
  of the averages. **Pair F1**: over pairs put together. **ARI**: pairs, corrected for chance.
- **Calibration error**: ten bins of equal numbers of claims, mean distance of the claimed probability and the part that was
  right. Lower is better, as for all figures marked ↓.

Model `{model}`. Versions: {versions}.
"""

_RELIABILITY = """
## Does a claimed 0.9 hold nine times in ten?

![Reliability of claimed probabilities](quality-reliability.svg)

Each point is a tenth of the claims. Matches and derivation labels are measured on the cascade, story membership on ecbplus with
weights learned on other topics; direct sources and origins on the cascade and on generated copy, with figures learned from other
corpora of the generator.
"""


def page(results: Mapping[str, SetResult], command: str, model: str, versions: Mapping[str, str]) -> str:
    """The whole page; one section a set, in the order given."""
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    parts = [_HEAD.format(command=command, model=model, versions=named)]
    parts += [_section(result) for result in results.values()]
    if any(result.curves for result in results.values()):
        parts.append(_RELIABILITY)
    return "\n".join(parts)


def _section(result: SetResult) -> str:
    methods = list(dict.fromkeys(rival.method for rival in result.rivals if rival.values))
    head = ["figure", "Wiretrace", "±", *methods]
    lines = [
        f"## {result.name}",
        "",
        f"{SOURCES[result.name]}. {result.items}. Measured {result.date}, weights `{result.weights}`, {result.seconds:.0f} s.",
        "",
        "| " + " | ".join(head) + " |",
        "|---|" + "---:|" * (len(head) - 1),
    ]
    for figure in result.figures:
        cells = [shown(figure.value, figure), shown(figure.noise, figure) if figure.noise else ""]
        cells += [rival_cell(result.rivals, method, figure) for method in methods]
        lines.append("| " + " | ".join([label(figure), *cells]) + " |")
    notes = [
        f"{rival.method}: {rival.threshold:g}{f' ({rival.why})' if rival.why else ''}"
        if rival.threshold is not None
        else f"{rival.method}: {rival.why}"
        for rival in result.rivals
        if not rival.is_tuned
    ]
    return "\n".join([*lines, "", *(["Thresholds: " + "; ".join(notes) + ".", ""] if notes else [])])


def label(figure: Figure) -> str:
    return figure.label + (" ↓" if figure.better == "down" else "")


def shown(value: float, figure: Figure) -> str:
    return f"{value:,.0f}" if figure.is_count else f"{value:.3f}"


def rival_cell(rivals: Sequence[Rival], method: str, figure: Figure) -> str:
    """`at the default (tuned on the answers)`; empty where the method has no such figure."""
    plain = next((r.values.get(figure.key) for r in rivals if r.method == method and not r.is_tuned), None)
    tuned = next((r.values.get(figure.key) for r in rivals if r.method == method and r.is_tuned), None)
    if plain is None:
        return ""
    return shown(plain, figure) + (f" ({shown(tuned, figure)})" if tuned is not None else "")
