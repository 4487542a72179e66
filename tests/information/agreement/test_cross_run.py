"""Agreement of members: cases that can be done in the head, and refusals."""

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import agreement_interval, cross_run_agreement
from toolkit.information.channels.jackknife import jackknife


def agreement(information: list[float], nmi: list[list[float]], member: list[int]) -> float:
    return cross_run_agreement(
        torch.tensor(information), torch.tensor(nmi), torch.tensor(member), threshold_bits=0.01
    )


def test_members_that_know_the_same_agree_fully() -> None:
    same = torch.eye(2).repeat(3, 3).tolist()
    assert agreement([1.0, 4.0] * 3, same, [0, 0, 1, 1, 2, 2]) == pytest.approx(1.0)


def test_members_that_know_nothing_in_common_do_not_agree() -> None:
    assert agreement([1.0, 4.0, 2.0], torch.eye(3).tolist(), [0, 1, 2]) == 0.0


def test_channels_count_by_their_bits() -> None:
    nmi = [[1.0, 0.0, 0.9], [0.0, 1.0, 0.1], [0.9, 0.1, 1.0]]
    expected = (3 * 0.9 + 1 * 0.1 + 2 * 0.9) / 6
    assert agreement([3.0, 1.0, 2.0], nmi, [0, 0, 1]) == pytest.approx(expected)


def test_a_likeness_inside_a_member_does_not_count() -> None:
    nmi = [[1.0, 1.0, 0.2], [1.0, 1.0, 0.2], [0.2, 0.2, 1.0]]
    assert agreement([1.0, 1.0, 1.0], nmi, [0, 0, 1]) == pytest.approx(0.2)


def test_uninformative_channels_are_no_partners() -> None:
    nmi = [[1.0, 0.3, 0.9], [0.3, 1.0, 0.5], [0.9, 0.5, 1.0]]
    assert agreement([1.0, 1.0, 0.01], nmi, [0, 1, 1]) == pytest.approx(0.3)


def test_a_member_without_an_informative_channel_counts_as_no_agreement() -> None:
    nmi = [[1.0, 0.8, 0.9], [0.8, 1.0, 0.9], [0.9, 0.9, 1.0]]
    assert agreement([1.0, 1.0, 0.0], nmi, [0, 1, 2]) == pytest.approx(0.4)


def test_undefined_nmi_is_no_agreement() -> None:
    nan = float("nan")
    assert agreement([1.0, 1.0], [[1.0, nan], [nan, 1.0]], [0, 1]) == 0.0


def test_no_informative_channel_is_no_agreement() -> None:
    assert agreement([0.0, 0.01], [[1.0, 0.9], [0.9, 1.0]], [0, 1]) == 0.0


def test_the_numbers_of_the_members_do_not_matter() -> None:
    nmi = [[1.0, 0.4, 0.9], [0.4, 1.0, 0.2], [0.9, 0.2, 1.0]]
    renamed = agreement([1.0, 2.0, 3.0], nmi, [7, -1, 4])
    assert agreement([1.0, 2.0, 3.0], nmi, [0, 1, 2]) == pytest.approx(renamed)


def test_one_member_cannot_agree() -> None:
    with pytest.raises(ToolkitError) as caught:
        agreement([1.0, 2.0], torch.eye(2).tolist(), [3, 3])
    assert str(caught.value) == (
        "agreement needs at least 2 members, and all channels belong to one. Train more seeds."
    )


@pytest.mark.parametrize(
    ("nmi", "member", "given"),
    [
        (torch.eye(2), torch.arange(3), "(2, 2) and (3,)"),
        (torch.eye(3), torch.arange(2), "(3, 3) and (2,)"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_tables_that_do_not_fit_are_refused(nmi: Tensor, member: Tensor, given: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        cross_run_agreement(torch.ones(3), nmi, member, threshold_bits=0.01)
    assert str(caught.value) == (
        f"3 channels need an NMI of every two and a member each; given are {given}."
    )


def test_the_interval_of_agreement_leaves_members_out() -> None:
    bits = torch.ones(4, dtype=torch.float64)
    nmi = torch.tensor([0.9, 0.8, 0.6, 0.5], dtype=torch.float64).outer(torch.ones(4)).sqrt()
    nmi = (nmi * nmi.T).fill_diagonal_(1.0)
    found = agreement_interval(bits, nmi, torch.arange(4), threshold_bits=0.01)
    assert found.low < found.estimate < found.high
    expected = nmi[~torch.eye(4, dtype=torch.bool)].mean().item()
    assert found.estimate.item() == pytest.approx(expected)


def test_agreement_of_two_members_has_no_interval() -> None:
    with pytest.raises(ToolkitError) as caught:
        agreement_interval(torch.ones(2), torch.eye(2), torch.arange(2), threshold_bits=0.01)
    assert str(caught.value) == ("2 member(s) show no spread of agreement; train 3 seeds or more.")


def random_ensemble(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Bits, NMI and members of 60 channels; some carry nothing, and one member has none that do."""
    draw = torch.Generator().manual_seed(seed)
    bits = torch.rand(60, generator=draw, dtype=torch.float64)
    nmi = torch.rand(60, 60, generator=draw, dtype=torch.float64)
    nmi = (nmi + nmi.T) / 2
    member = torch.randint(0, 7, (60,), generator=draw)
    bits[(bits < 0.3) | (member == 3)] = 0.0
    nmi[bits == 0], nmi[:, bits == 0] = torch.nan, torch.nan
    return bits, nmi, member


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_is_that_of_agreements_computed_without_each_member(seed: int) -> None:
    bits, nmi, member = random_ensemble(seed)
    without = []
    for number in member.unique():
        left = (member != number).nonzero()[:, 0]
        without.append(
            cross_run_agreement(bits[left], nmi[left][:, left], member[left], threshold_bits=0.01)
        )
    whole = cross_run_agreement(bits, nmi, member, threshold_bits=0.01)
    expected = jackknife(
        torch.tensor(whole, dtype=torch.float64),
        torch.tensor(without, dtype=torch.float64),
        torch.ones(len(without)).long(),
        level=0.9,
    )
    found = agreement_interval(bits, nmi, member, threshold_bits=0.01, level=0.9)
    torch.testing.assert_close(
        torch.stack(found.parts), torch.stack(expected.parts), rtol=1e-12, atol=1e-12
    )
