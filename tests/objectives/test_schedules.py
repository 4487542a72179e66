import pytest

from toolkit.objectives import ramp


@pytest.mark.parametrize(
    ("step", "value"),
    [
        pytest.param(0, 10.0, id="starts at its start"),
        pytest.param(1, 8.5, id="a quarter of the way"),
        pytest.param(3, 5.5, id="three quarters"),
        pytest.param(4, 4.0, id="arrives"),
        pytest.param(400, 4.0, id="stays"),
        pytest.param(None, 4.0, id="after training"),
    ],
)
def test_a_ramp_may_fall(step: int | None, value: float) -> None:
    assert ramp(10.0, 4.0, steps=4, step=step) == value


@pytest.mark.parametrize("step", [0, 7, None])
def test_a_ramp_may_be_flat_or_have_no_length(step: int | None) -> None:
    assert ramp(3.0, 3.0, steps=5, step=step) == 3.0
    assert ramp(0.0, 9.0, steps=0, step=step) == 9.0
