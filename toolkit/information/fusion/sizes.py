"""How continuous a fused space becomes as its ensemble grows, over repeats.

Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042, section on fusion:
ensembles of one repeat are nested, and every repeat has its own learners.

A block of work is one ensemble, fused by every similarity at once. Ensembles are independent:
another size or repeat changes none of the existing ones.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.execution import Done, Execute
from toolkit.information.fusion.ascent import FusedSpaces, FusionSettings, fuse
from toolkit.information.fusion.continuity import continuity
from toolkit.information.gaussian import bhattacharyya_distance

REPORT = 20  # steps between two reports


@dataclass(frozen=True, kw_only=True)
class SizeStudy:
    """Fused spaces for every similarity (s), ensemble size (k) and repeat (r).

    Arguments:
        similarities: names, in order.
        sizes: of the ensembles, in order.
        continuity: (s, k, r) largest distance of neighbours over its 90th percentile.
        learners: (r, m) the same for the spaces that were fused.
        similarity: (s, k, r) reached, on the scale of its kind.
        gain: (s, k, r) how much of it the last tenth of the steps brought.
        mean: (s, k, r, n, d) of the fused spaces.
        log_variance: (s, k, r, n, d).
    """

    similarities: tuple[str, ...]
    sizes: tuple[int, ...]
    continuity: Float[Tensor, "s k r"]
    learners: Float[Tensor, "r m"]
    similarity: Float[Tensor, "s k r"]
    gain: Float[Tensor, "s k r"]
    mean: Float[Tensor, "s k r n d"]
    log_variance: Float[Tensor, "s k r n d"]


def study_sizes(
    mean: Float[Tensor, "r m n e"],
    log_variance: Float[Tensor, "r m n e"],
    *,
    sizes: Sequence[int],
    similarities: Sequence[str],
    settings: FusionSettings,
    seed: int,
    execute: Execute,
    progress: Callable[[int, int], None] | None = None,
) -> SizeStudy:
    """Fuse the first `size` spaces of every repeat, for every size and similarity.

    Points are taken to lie on a closed line: the last is a neighbour of the first.

    Arguments:
        mean: of m spaces in each of r repeats, of the same n ordered points.
        log_variance: natural logarithm, same shape.
        sizes: of the ensembles.
        similarities: from `SIMILARITIES`.
        settings: of all ascents.
        seed: a repeat starts from this plus its number, whatever the size.
        execute: `toolkit.execution.serial` or `processes(workers)`; a block is an ensemble.
        progress: called with steps done and to be done, over all ensembles.

    Raises:
        ToolkitError: a size is not between 1 and m, or what `fuse` refuses.
    """
    repeats, most = mean.shape[:2]
    wrong = [size for size in sizes if not 1 <= size <= most]
    if wrong or not sizes:
        raise ToolkitError(
            f"ensemble sizes {list(sizes)} were asked for, but every repeat has {most} spaces; "
            f"give sizes from 1 to {most}."
        )
    work = partial(_fuse_ensemble, similarities=similarities, settings=settings)
    largest_first = sorted(range(len(sizes)), key=lambda k: -sizes[k])
    ensembles = [(r, k) for k in largest_first for r in range(repeats)]
    blocks = [(mean[r, : sizes[k]], log_variance[r, : sizes[k]], seed + r) for r, k in ensembles]
    fused: dict[tuple[int, int], FusedSpaces] = {}
    done = 0
    for position, event in execute(work, blocks):
        if isinstance(event, Done):
            fused[ensembles[position]] = event.value
        else:
            done += event
            if progress is not None:
                progress(done, len(blocks) * settings.steps)
    ordered = [[fused[r, k] for r in range(repeats)] for k in range(len(sizes))]

    def arranged(part: str) -> Tensor:
        rows = [torch.stack([getattr(spaces, part) for spaces in row], dim=1) for row in ordered]
        return torch.stack(rows, dim=1)

    means, log_variances = arranged("mean"), arranged("log_variance")
    return SizeStudy(
        similarities=tuple(similarities),
        sizes=tuple(sizes),
        continuity=continuity(means, log_variances, closed=True),
        learners=continuity(mean, log_variance, closed=True),
        similarity=arranged("similarity"),
        gain=arranged("gain"),
        mean=means,
        log_variance=log_variances,
    )


def _fuse_ensemble(
    block: tuple[Tensor, Tensor, int],
    *,
    similarities: Sequence[str],
    settings: FusionSettings,
) -> Generator[int, None, FusedSpaces]:
    """Fuse one ensemble by every similarity; yield steps done since the last report."""
    mean, log_variance, seed = block
    fingerprints = torch.stack(
        [(-bhattacharyya_distance(*space)).exp() for space in zip(mean, log_variance, strict=True)]
    )
    ascent = fuse(
        fingerprints,
        torch.ones(len(similarities), len(mean), dtype=torch.bool),
        similarities,
        settings=settings,
        generator=torch.Generator().manual_seed(seed),
    )
    reported = 0
    while True:
        try:
            step = next(ascent)
        except StopIteration as end:
            yield settings.steps - reported
            fused: FusedSpaces = end.value
            return fused
        if step % REPORT == 0:
            yield step - reported
            reported = step
