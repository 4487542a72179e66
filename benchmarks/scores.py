"""The `locatello2019` preset beside a plain scikit-learn rendering of the published protocol.

    python -m benchmarks.scores [--seed 0] [--only dci sap] [--write docs/benchmarks/scores.md]

Codes: a table over the grid of dSprites' factors (3 x 6 x 40 x 32 x 32), ten channels, five of them
mixing factors and five nearly silent. Both sides use the same seeds, so values must agree within
the tolerances of the golden files. About ten minutes, nearly all of them for the plain side.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from benchmarks.plain_scores import SIZES, TEST, TRAIN, Plain
from toolkit.disentanglement import PRESETS, GridSampler, draw_member_data, evaluate
from toolkit.execution import best, serial
from toolkit.files import write_text

ABOUT = f"""# Scores: the `locatello2019` preset beside a plain rendering

`python -m benchmarks.scores --write docs/benchmarks/scores.md` makes this page: the preset on
{TRAIN:,} + {TEST:,} images of dSprites' factors, ten channels, and, score by score, a plain
scikit-learn rendering of the published protocol (`benchmarks/plain_scores.py`) that shares nothing
between scores. Both use the same seeds. Seconds of a score are of processors, each score alone in
one process; the line below the table has the whole preset on two cores by the clock. Tolerances are
those of the golden files.
"""
WHERE = {
    "beta_vae_score": "the draws, which follow the published stream call by call, so that the "
    "score equals the published one to the last bit; then one regression",
    "factor_vae_score": "the same draws; codes are looked up and averaged 512 votes at a time",
    "mig": "one table of counts, shared with `modularity`",
    "modularity": "the table of `mig`; alone, its own",
    "explicitness": "five multinomial regressions by scikit-learn (L-BFGS); areas under curves are "
    "ranks, all values at once",
    "dci": "113 boosted trees a stage, one for each value of the five factors, 100 stages, all "
    "trees of a stage together: a sparse product sums residuals over bins (about a third), "
    "then only those bins are searched row by row where a cut could beat the best between bins "
    "(about a third): the splits of an exact search",
    "sap": "Newton's method in two unknowns for all values of a factor at once, where the plain "
    "side runs liblinear for each",
    "irs": "a percentile for each value of a factor",
    "gaussian_total_correlation": "one eigenvalue problem",
    "wasserstein_correlation": "one eigenvalue problem, where the plain side takes a matrix root",
    "pairwise_information": "counts of every two channels",
}
TOLERANCE = {
    "beta_vae_score/beta_vae": 0.015,
    "factor_vae_score/factor_vae": 0.015,
    "dci/disentanglement": 0.01,
    "dci/completeness": 0.01,
    "dci/informativeness_train": 0.003,
    "dci/informativeness_test": 0.01,
    "sap/sap": 0.003,
    "explicitness/explicitness": 5e-4,
    "explicitness/explicitness_train": 5e-4,
    "wasserstein_correlation/wasserstein_correlation": 1e-6,
}


def table_of_codes(seed: int) -> np.ndarray:
    """Codes of every combination of factor values, (737280, 10)."""
    generator = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*map(np.arange, SIZES), indexing="ij"), axis=-1).reshape(-1, 5)
    place = 2 * grid / (np.array(SIZES) - 1) - 1
    weights = np.eye(5) + 0.3 * generator.standard_normal((5, 5))
    told = np.tanh(place @ weights)
    noise = generator.standard_normal((len(grid), 10))
    return np.hstack([told + 0.1 * noise[:, :5], 0.06 * noise[:, 5:]])


@dataclass(frozen=True)
class Timed:
    """Values with the seconds they took, on the clock and of all processors."""

    values: dict[str, float]
    wall: float
    cpu: float


def timed(call: Callable[[], dict[str, float]]) -> Timed:
    """Run `call`, worker processes included."""

    def spent() -> float:
        return sum(u.ru_utime + u.ru_stime for u in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))

    begun, before = time.perf_counter(), spent()
    values = call()
    return Timed(values, time.perf_counter() - begun, spent() - before)


def report(plain: dict[str, Timed], own: dict[str, Timed], together: Timed) -> str:
    """The table and what it adds up to, as Markdown."""
    lines = [
        "| score | value | plain value | difference | tolerance | plain s | ours s | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, reference in plain.items():
        for place, (value, expected) in enumerate(reference.values.items()):
            key = f"{name}/{value}"
            found, most = own[name].values[key], TOLERANCE.get(key, 1e-8)
            seconds = (
                f"{reference.cpu:.2f} | {own[name].cpu:.2f} | "
                f"{reference.cpu / max(own[name].cpu, 1e-3):.1f}"
                if place == 0
                else "| |"
            )
            mark = "" if abs(found - expected) <= most else " **beyond**"
            lines.append(
                f"| `{key}` | {found:.6f} | {expected:.6f} | {found - expected:+.1e}{mark} | "
                f"{most:g} | {seconds} |"
            )
    wall, cpu = (sum(getattr(t, kind) for t in plain.values()) for kind in ("wall", "cpu"))
    lines += [
        "",
        f"All scores: plain {wall:.0f} s on the clock ({cpu:.0f} s of processors), "
        f"ours {together.wall:.1f} s on the clock ({together.cpu:.1f} s of processors): "
        f"**{wall / together.wall:.1f} times faster on the clock, "
        f"{cpu / together.cpu:.1f} times less work.**",
        "",
        "## Where our time goes",
        "",
    ]
    spent = sum(timed.cpu for timed in own.values())
    lines += [
        f"- **{name}** {own[name].cpu:.2f} s, {own[name].cpu / spent:.0%}: {WHERE[name]}."
        for name in sorted(own, key=lambda name: -own[name].cpu)
    ]
    lines += [
        "",
        "Work is parted by table and, for `dci`, by factor; the largest factors go first, so that "
        "both cores end together.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="names of scores")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.simplefilter("ignore", FutureWarning)
    preset, seed = PRESETS["locatello2019"], arguments.seed
    table = table_of_codes(seed)
    sampler = GridSampler.of_table(table, sizes=SIZES)
    names = arguments.only or list(preset.scores)
    scores = {name: preset.scores[name] for name in names}

    def ours(some: list[str], workers: int) -> dict[str, float]:
        member = draw_member_data(preset, sampler, seed=seed)
        chosen = {name: scores[name] for name in some}
        execute = best(workers) if workers > 1 else serial
        answer = evaluate(member, chosen, seed=seed, execute=execute)
        if answer.refused:
            raise SystemExit(str(answer.refused))
        return answer.flat()

    together = timed(lambda: ours(names, 2))
    own = {}
    for name in names:
        own[name] = timed(partial(ours, [name], 1))
        print(f"{name}: ours {own[name].cpu:.2f} s", flush=True)
    plain = {}
    for name in names:
        plain[name] = timed(getattr(Plain(table, seed), name))
        print(f"{name}: plain {plain[name].cpu:.2f} s", flush=True)
    text = report(plain, own, together)
    print(text)
    if arguments.write:
        write_text(arguments.write, f"{ABOUT}\n{text}")


if __name__ == "__main__":
    main()
