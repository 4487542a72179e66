"""Whom to trust: the regret of choosing a run without labels, by every score that has labels.

    toolkit experiment trust && dvc repro
    python -m benchmarks.trust --write docs/trust.md

For each grid of runs every way to choose names one run. Its regret by a score is how far that run
lies below the best run of the grid, as a share of the range of the score over the grid: 0 for the
best run, 1 for the worst. Random is the mean over all runs. Intervals: the runs of the grid drawn
again with replacement, 2,000 times, the choice and the best among those drawn.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from scipy.stats import spearmanr

from toolkit.disentanglement import SCORES, Takes
from toolkit.files import write_text
from toolkit.information import INFORMATIVE_BITS, agreement_table, compare_channels
from toolkit.posteriors import load_posteriors
from toolkit.records import EnsembleRecord, MemberRecord
from toolkit.records.names import POSTERIORS
from toolkit.report.findings.trust import recommend
from toolkit.report.scores.ranking import udr_per_run
from toolkit.report.scores.records import Setting

DRAWS = 2000
GRIDS = ("trust-sprites", "trust-xy-object", "trust-mnist")
OURS = "confirmed bits"
BASELINES = ("random run", "median run")
SHOWN = (OURS, "UDR (lasso)", "UDR (rank correlation)", "UDR (NMI)", "evidence bound (ELBO)")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The runs of one ensemble.

    Arguments:
        name: of the ensemble.
        runs: names of the runs.
        choices: for every way to choose, a number per run; the largest is chosen.
        scores: every labelled score by name, a number per run, larger is better.
    """

    name: str
    runs: tuple[str, ...]
    choices: Mapping[str, Float[np.ndarray, " m"]]
    scores: Mapping[str, Float[np.ndarray, " m"]]

    def regret(self, score: str, way: str, drawn: np.ndarray) -> float:
        """Of the run that is chosen among those drawn, 0 to 1."""
        values = self.scores[score]
        among = values[drawn]
        if way == "random run":
            reached = among.mean()
        elif way == "median run":
            reached = np.median(among)
        else:
            reached = among[np.argmax(self.choices[way][drawn])]
        return float((among.max() - reached) / np.ptp(values))


def read_grid(project: Path, name: str) -> Grid:
    """The runs of an ensemble of a project that was built and scored."""
    folder = project / "runs" / "ensembles" / name
    members = {record.key: record for record in _records(folder)}
    keys = [member.key for member in EnsembleRecord.read(folder).members]
    records = [members[key] for key in keys if key in members]
    folders = {MemberRecord.read(path).key: path for path in (folder / "members").iterdir()}
    posteriors = [load_posteriors(folders[record.key] / POSTERIORS) for record in records]
    comparison = compare_channels(
        torch.cat([run.mean for run in posteriors], dim=1),
        torch.cat([run.log_variance for run in posteriors], dim=1),
        threshold_bits=INFORMATIVE_BITS,
    )
    information = comparison.information.numpy()
    kept = information > INFORMATIVE_BITS
    run_of_channel = np.repeat(np.arange(len(records)), [run.mean.shape[1] for run in posteriors])
    # Without labels
    found = recommend(comparison, posteriors, _settings(records), kept=kept, seed=0)
    confirmed = sorted(found.confirmations, key=lambda run: run.run)
    of_setting = {run: part.confirmed_bits for part in found.settings for run in part.runs}
    # Settings first, then runs
    order = sorted(confirmed, key=lambda run: (of_setting[run.run], run.confirmed_bits))
    rank = {run.run: position for position, run in enumerate(order)}
    udr = udr_per_run(posteriors, comparison.nmi.numpy())
    table = agreement_table(
        comparison.information,
        comparison.nmi,
        torch.from_numpy(run_of_channel),
        threshold_bits=INFORMATIVE_BITS,
    )
    choices = {
        OURS: [rank[run.run] for run in confirmed],
        "confirmed bits, settings not asked": [run.confirmed_bits for run in confirmed],
        "matched bits times corrected agreement": [
            run.matched * run.confirmed_bits for run in confirmed
        ],
        "agreement": table.of_each().numpy(),
        "UDR (NMI)": [run["udr_nmi"] for run in udr],
        "UDR (rank correlation)": [run["udr_spearman"] for run in udr],
        "UDR (lasso)": [run["udr_lasso"] for run in udr],
        "evidence bound (ELBO)": [
            -record.final["distortion"] - record.final["rate"] for record in records
        ],
        "bits": [run.bits for run in confirmed],
    }
    return Grid(
        name=name,
        runs=tuple(record.name for record in records),
        choices={way: np.asarray(values, float) for way, values in choices.items()},
        scores=_labelled(records),
    )


def _records(folder: Path) -> list[MemberRecord]:
    records = [MemberRecord.read(path) for path in sorted((folder / "members").iterdir())]
    return [record for record in records if record.finished]


def _settings(records: list[MemberRecord]) -> tuple[Setting, ...]:
    """Groups of members whose names differ in their seed alone."""
    labels = [record.name.rpartition(" seed=")[0] for record in records]
    return tuple(
        Setting(label=label, runs=tuple(row for row, name in enumerate(labels) if name == label))
        for label in dict.fromkeys(labels)
    )


def _labelled(records: list[MemberRecord]) -> dict[str, Float[np.ndarray, " m"]]:
    """Main values of the scores that take labels, that every run has, and that tell runs apart."""
    scores = {}
    for name, score in SCORES.items():
        values = [record.scores.get(f"{name}/{score.main}") for record in records]
        known = np.array([np.nan if value is None else value for value in values], float)
        if Takes.FACTORS in score.takes and np.isfinite(known).all() and np.ptp(known) > 0:
            scores[name] = -known if score.good == "low" else known
    return scores


def describe(grid: Grid, *, seed: int) -> str:
    """What every way to choose comes to on one grid, as Markdown."""
    generator = np.random.default_rng(seed)
    count = len(grid.runs)
    draws = [np.arange(count), *generator.integers(count, size=(DRAWS, count))]
    ways = [*grid.choices, *BASELINES]
    regret = {
        way: np.array(
            [[grid.regret(score, way, drawn) for score in grid.scores] for drawn in draws]
        )
        for way in ways
    }
    lines = [
        f"## {grid.name}: {count} runs, {len(grid.scores)} scores",
        "",
        "| chosen by | run | mean regret over scores | less regret than UDR (lasso) | Spearman |",
        "|---|---|---:|---:|---:|",
    ]
    reference = regret["UDR (lasso)"].mean(axis=1)
    for way in sorted(ways, key=lambda way: regret[way][0].mean()):
        means = regret[way].mean(axis=1)
        low, high = np.quantile(means[1:], [0.025, 0.975])
        less = np.quantile((reference - means)[1:], [0.025, 0.975])
        chosen, rank = "–", "–"
        if way in grid.choices:
            chosen = grid.runs[int(np.argmax(grid.choices[way]))]
            correlations = [
                float(spearmanr(grid.choices[way], values).statistic)
                for values in grid.scores.values()
            ]
            rank = f"{np.mean(correlations):.2f}"
        lines.append(
            f"| {way} | {chosen} | {means[0]:.2f} ({low:.2f} to {high:.2f}) | "
            f"{reference[0] - means[0]:+.2f} ({less[0]:+.2f} to {less[1]:+.2f}) | {rank} |"
        )
    lines += [
        "",
        "Regret by score:",
        "",
        f"| score | {' | '.join((*SHOWN, *BASELINES))} |",
        "|---|" + "---:|" * (len(SHOWN) + len(BASELINES)),
    ]
    for column, score in enumerate(grid.scores):
        cells = []
        for way in (*SHOWN, *BASELINES):
            low, high = np.quantile(regret[way][1:, column], [0.025, 0.975])
            cells.append(f"{regret[way][0, column]:.2f} ({low:.2f} to {high:.2f})")
        lines.append(f"| `{score}` | {' | '.join(cells)} |")
    return "\n".join(lines).replace("-0.00", "0.00") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grids", nargs="*", default=GRIDS, help="names of ensembles")
    parser.add_argument("--project", type=Path, default=Path())
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    parts = [describe(read_grid(arguments.project, name), seed=0) for name in arguments.grids]
    text = "\n".join(parts)
    print(text)
    if arguments.write:
        page = arguments.write.read_text()
        head = page[: page.index("<!-- made by benchmarks/trust.py -->")]
        write_text(arguments.write, f"{head}<!-- made by benchmarks/trust.py -->\n\n{text}")


if __name__ == "__main__":
    main()
