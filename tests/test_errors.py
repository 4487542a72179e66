import pytest

from toolkit.errors import ToolkitError, UnknownNameError, nearest


def test_a_typo_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(ToolkitError) as caught:
        raise UnknownNameError("schedule", "rampp", ["constant", "ramp"])
    assert str(caught.value) == "no schedule is called 'rampp'. Did you mean 'ramp'?"


def test_a_name_unlike_any_other_is_answered_with_all_of_them_in_order() -> None:
    assert str(UnknownNameError("data set", "xyz", iter(["mnist", "cars"]))) == (
        "no data set is called 'xyz'. Known: cars, mnist."
    )


def test_the_nearest_name_is_the_most_alike_not_the_first() -> None:
    assert nearest("factor_vae", ["beta_vae", "factor_vaes"]) == "Did you mean 'factor_vaes'?"
