"""Fusion: its objective and gradient against autograd, what ascent reaches, refusals."""

import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.execution import Done, serial
from toolkit.information import bhattacharyya_distance
from toolkit.information.fusion import (
    SIMILARITIES,
    FusedSpaces,
    FusionSettings,
    continuity,
    fuse,
    study_sizes,
)
from toolkit.information.fusion.objective import Objective

N = 9
MEMBERS = torch.tensor([[1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 1, 0]], dtype=torch.bool)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def posteriors(*shape: int, seed: int) -> tuple[Tensor, Tensor]:
    drawn = torch.randn(2, *shape, generator=seeded(seed), dtype=torch.float64)
    return 2 * drawn[0], drawn[1] - 0.5


def fingerprints(count: int, *, seed: int = 0) -> Tensor:
    means, widths = posteriors(count, N, 1, seed=seed)
    tables = [bhattacharyya_distance(m, v) for m, v in zip(means, widths, strict=True)]
    return (-torch.stack(tables)).exp()


def information(table: Tensor) -> Tensor:
    return -table.mean(dim=1).log().mean()


def similarity(kind: str, one: Tensor, other: Tensor) -> Tensor:
    """Straight from the definitions, in nats, with autograd behind it."""
    i_u, i_v, i_uv = information(one), information(other), information(one * other)
    i_uu, i_vv = information(one.square()), information(other.square())
    if kind == "information":
        return i_u + i_v - i_uv
    if kind == "vi":
        return (i_uu + i_vv - 2 * i_uv).exp()
    return (i_u + i_v - i_uv) / ((2 * i_u - i_uu) * (2 * i_v - i_vv)).sqrt()


def mean_similarity(
    kinds: Sequence[str], ensembles: Tensor, tables: Tensor, mean: Tensor, log_variance: Tensor
) -> Tensor:
    """Of every run's space to its ensemble, one by one."""
    values = []
    for kind, chosen, m, v in zip(kinds, ensembles, mean, log_variance, strict=True):
        own = (-bhattacharyya_distance(m, v)).exp()
        values.append(torch.stack([similarity(kind, own, t) for t in tables[chosen]]).mean())
    return torch.stack(values)


@pytest.mark.parametrize("kind", SIMILARITIES)
def test_gradient_written_out_is_that_of_autograd(kind: str) -> None:
    tables, kinds = fingerprints(4), [kind] * 3
    mean, log_variance = (part.requires_grad_() for part in posteriors(3, N, 2, seed=1))
    expected = mean_similarity(kinds, MEMBERS, tables, mean, log_variance)
    by_mean, by_log_variance = torch.autograd.grad(expected.sum(), (mean, log_variance))
    found = Objective(tables, MEMBERS, kinds)(mean.detach(), log_variance.detach())
    for value, reference in zip(found, (expected, by_mean, by_log_variance), strict=True):
        torch.testing.assert_close(value, reference.detach(), rtol=0, atol=1e-12)


class WrittenOut(torch.autograd.Function):
    """The objective as autograd sees it, so that finite differences can judge its gradient."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, mean: Tensor, width: Tensor) -> Tensor:
        kinds = list(SIMILARITIES)
        value, by_mean, by_width = Objective(fingerprints(4), MEMBERS, kinds)(mean, width)
        ctx.save_for_backward(by_mean, by_width)
        return value

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, outside: Tensor
    ) -> tuple[Tensor, Tensor]:
        by_mean, by_width = ctx.saved_tensors
        return outside[:, None, None] * by_mean, outside[:, None, None] * by_width


def test_gradient_written_out_passes_gradcheck() -> None:
    given = tuple(part.requires_grad_() for part in posteriors(3, N, 2, seed=2))
    assert torch.autograd.gradcheck(WrittenOut.apply, given)


@pytest.mark.parametrize("kind", SIMILARITIES)
def test_definitions_pass_gradcheck(kind: str) -> None:
    tables = fingerprints(4)
    given = tuple(part.requires_grad_() for part in posteriors(1, N, 2, seed=3))
    assert torch.autograd.gradcheck(
        lambda mean, width: mean_similarity([kind], MEMBERS[:1], tables, mean, width), given
    )


def test_leaving_out_one_over_n_would_change_nmi_and_nothing_else() -> None:
    """The published notebook's slip: every information is shifted by -log n."""
    one, other = fingerprints(2)
    shift = math.log(N)
    i_u, i_v, i_uv = (information(t) - shift for t in (one, other, one * other))
    i_uu, i_vv = (information(t.square()) - shift for t in (one, other))
    slipped = (i_u + i_v - i_uv) / ((2 * i_u - i_uu) * (2 * i_v - i_vv)).sqrt()
    vi = (i_uu + i_vv - 2 * i_uv).exp()
    assert vi.item() == pytest.approx(similarity("vi", one, other).item(), abs=1e-12)
    assert abs(slipped - similarity("nmi", one, other)) > 0.05


def ascend(kind: str, *, steps: int, momentum: float = 0.0) -> FusedSpaces:
    ascent = fuse(
        fingerprints(1),
        torch.ones(1, 1, dtype=torch.bool),
        [kind],
        settings=FusionSettings(steps=steps, momentum=momentum),
        generator=seeded(0),
    )
    events = [event for _, event in serial(lambda block: ascent, [None])]
    assert events[:-1] == list(range(1, steps + 1))
    assert isinstance(events[-1], Done)
    fused = events[-1].value
    assert isinstance(fused, FusedSpaces)
    return fused


def test_a_single_space_is_found_again() -> None:
    """exp(-VI) is 1 only for spaces that tell the same; and ascent has settled there."""
    fused = ascend("vi", steps=500, momentum=0.7)
    assert fused.similarity.item() > 0.99
    assert abs(fused.gain.item()) < 0.01


def test_momentum_goes_further_in_as_many_steps() -> None:
    plain, heavy = (ascend("information", steps=150, momentum=m) for m in (0.0, 0.9))
    assert heavy.similarity > plain.similarity


def test_runs_do_not_know_each_other() -> None:
    tables, settings = fingerprints(4), FusionSettings(steps=5)

    def run(ensembles: Tensor, kinds: list[str]) -> FusedSpaces:
        ascent = fuse(tables, ensembles, kinds, settings=settings, generator=seeded(4))
        *_, (_, end) = serial(lambda block: ascent, [None])
        assert isinstance(end, Done)
        fused = end.value
        assert isinstance(fused, FusedSpaces)
        return fused

    together = run(MEMBERS, ["information", "vi", "nmi"])
    alone = run(MEMBERS[:1], ["information"])
    torch.testing.assert_close(together.mean[:1], alone.mean, rtol=0, atol=1e-12)


def test_sizes_and_repeats_come_out_in_their_places() -> None:
    mean, log_variance = posteriors(2, 3, N, 1, seed=5)
    seen = []
    study = study_sizes(
        mean,
        log_variance,
        sizes=[1, 3],
        similarities=["vi", "information"],
        settings=FusionSettings(steps=30),
        seed=7,
        execute=serial,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen[:3] == [(20, 120), (30, 120), (50, 120)]
    assert seen[-1] == (120, 120)
    assert study.continuity.shape == (2, 2, 2)
    assert study.mean.shape == (2, 2, 2, N, 2)
    assert study.learners.shape == (2, 3)
    tables = [
        bhattacharyya_distance(*space) for space in zip(mean[1], log_variance[1], strict=True)
    ]
    place, width = study.mean[1, 0, 1], study.log_variance[1, 0, 1]
    own = (-bhattacharyya_distance(place, width)).exp()
    reached = similarity("information", own, (-tables[0]).exp())
    assert study.similarity[1, 0, 1].item() == pytest.approx(reached.item(), abs=1e-12)
    bent = continuity(place, width, closed=True)
    assert study.continuity[1, 0, 1].item() == pytest.approx(bent.item(), abs=1e-12)


def test_continuity_is_the_published_one_where_the_line_is_open() -> None:
    mean, width = posteriors(N, 2, seed=6)
    near = torch.diagonal(bhattacharyya_distance(mean, width), offset=1)
    expected = near.max() / near.quantile(0.9)
    torch.testing.assert_close(continuity(mean, width, closed=False), expected)


def test_an_even_circle_is_continuous_and_its_line_is_cut() -> None:
    angle = 2 * math.pi * torch.arange(40, dtype=torch.float64) / 40
    circle = torch.stack([angle.cos(), angle.sin()], dim=1)
    assert continuity(circle, circle * 0, closed=True).item() == pytest.approx(1.0, abs=1e-9)
    line = angle[:, None]
    assert continuity(line, line * 0, closed=True).item() == pytest.approx(39**2, rel=1e-9)
    assert continuity(line, line * 0, closed=False).item() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.usefixtures("unchecked")
def test_what_cannot_be_fused_is_refused() -> None:
    tables, one, generator = fingerprints(2), torch.tensor([[True, False]]), seeded(0)
    usual = FusionSettings(steps=3)

    def refusal(*given: object, settings: FusionSettings = usual) -> str:
        with pytest.raises(ToolkitError) as caught:
            list(fuse(*given, settings=settings, generator=generator))
        return str(caught.value)

    assert refusal(tables, ~one & one, ["vi"]) == (
        "1 similarities and 1 ensembles were given; give one similarity for each ensemble, and "
        "every ensemble at least one member."
    )
    assert refusal(-tables.log(), one, ["vi"]) == (
        "a fingerprint holds numbers outside 0 to 1; give Bhattacharyya coefficients, "
        "exp(-distance)."
    )
    assert refusal(tables, one, ["vi"], settings=FusionSettings(steps=0)) == (
        "FusionSettings(steps=0, learning_rate=3.0, momentum=0.0, dimension=2) cannot be run; "
        "steps, learning_rate and dimension must be above 0."
    )
    assert refusal(tables, one, ["vi"], settings=FusionSettings(steps=9, learning_rate=1e9)) == (
        "the fused space diverged; lower the learning rate or the momentum."
    )
    with pytest.raises(UnknownNameError) as caught:
        list(fuse(tables, one, ["vii"], settings=usual, generator=generator))
    assert str(caught.value) == "no similarity is called 'vii'. Did you mean 'vi'?"


def test_a_size_beyond_the_ensemble_is_refused() -> None:
    mean, log_variance = posteriors(1, 3, N, 1, seed=5)
    with pytest.raises(ToolkitError) as caught:
        study_sizes(
            mean,
            log_variance,
            sizes=[2, 4],
            similarities=["vi"],
            settings=FusionSettings(steps=1),
            seed=0,
            execute=serial,
        )
    assert str(caught.value) == (
        "ensemble sizes [2, 4] were asked for, but every repeat has 3 spaces; "
        "give sizes from 1 to 3."
    )
