import pytest
import torch

from toolkit.training.curve import Curve


def loss_of(step: int) -> dict[str, torch.Tensor]:
    return {"loss": torch.tensor([step, step + 2.0]), "capacity": torch.full((2,), 0.5 * step)}


def drawn(steps: int, *, until: int | None = None, curve: Curve | None = None) -> Curve:
    curve, start = (Curve(steps), 1) if curve is None else (curve, (until or 0) + 1)
    last = until if until is not None and start == 1 else steps
    for step in range(start, last + 1):
        curve.add(step, loss_of(step))
    return curve


def test_a_short_training_has_a_point_a_step() -> None:
    table = drawn(3).table()
    assert table.to_dict("list") == {
        "step": [1, 2, 3],
        "capacity": [0.5, 1.0, 1.5],
        "loss": [2.0, 3.0, 4.0],
    }


@pytest.mark.parametrize(("steps", "points"), [(100, 100), (199, 199), (250, 125), (1000, 100)])
def test_a_long_training_has_about_a_hundred_points(steps: int, points: int) -> None:
    table = drawn(steps).table()
    assert len(table) == points
    assert table["step"].iloc[-1] == steps


def test_points_are_means_over_all_steps_since_the_last_one() -> None:
    table = drawn(305).table()
    assert table["step"].tolist() == [*range(3, 304, 3), 305]
    for before, row in zip([0, *table["step"]], table.itertuples(), strict=False):
        steps = range(before + 1, row.step + 1)
        assert row.loss == pytest.approx(sum(step + 1 for step in steps) / len(steps))


@pytest.mark.parametrize("until", [1, 2, 3, 304])
def test_a_curve_that_was_put_away_goes_on_as_if_it_had_not_been(until: int) -> None:
    begun = drawn(305, until=until)
    taken_up = Curve(305)
    taken_up.load_state_dict(dict(sorted(begun.state_dict().items())))
    assert drawn(305, until=until, curve=taken_up).table().equals(drawn(305).table())


def test_a_training_without_steps_has_an_empty_curve() -> None:
    assert Curve(0).table().columns.tolist() == ["step"]
