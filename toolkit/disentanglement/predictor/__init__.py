"""Scores that train a predictor of each factor from the codes."""

from toolkit.disentanglement.predictor.dci import combine_factors, dci, learn_factor
from toolkit.disentanglement.predictor.explicitness import explicitness
from toolkit.disentanglement.predictor.importances import (
    BoostedTrees,
    Lasso,
    Learner,
    LogisticRegression,
    RandomForest,
)
from toolkit.disentanglement.predictor.infoe import infoe_classification, infoe_regression
from toolkit.disentanglement.predictor.sap import sap, sap_continuous
from toolkit.disentanglement.predictor.train_test import PredictorSettings
from toolkit.disentanglement.record import ByFactor, Score, Takes

DISCRETE = Takes.FACTORS | Takes.INTEGER_CODES


def _dci(learner: type[Learner], measures: str) -> Score:
    return Score(
        compute=dci,
        settings=learner,
        main="disentanglement",
        values=(
            *("disentanglement", "completeness"),
            *("informativeness_train", "informativeness_test"),
        ),
        beside=("informativeness_test",),
        by_factor=ByFactor(learn=learn_factor, combine=combine_factors),
        measures=measures,
        source="Eastwood & Williams (2018)",
    )


PREDICTOR: dict[str, Score] = {
    "dci": _dci(BoostedTrees, "one factor per channel, by importances of boosted trees"),
    "dci_forest": _dci(RandomForest, "the same by a random forest"),
    "dci_logistic": _dci(LogisticRegression, "the same by weights of logistic regression"),
    "dci_lasso": _dci(Lasso, "the same by weights of a lasso"),
    "sap": Score(
        compute=sap,
        settings=PredictorSettings,
        main="sap",
        values=("sap",),
        measures="gap in accuracy between the two best single channels",
        source="Kumar et al. (2018)",
    ),
    "sap_continuous": Score(
        compute=sap_continuous,
        main="sap_continuous",
        values=("sap_continuous",),
        measures="gap in squared correlation between the two best channels",
        source="Kumar et al. (2018)",
    ),
    "explicitness": Score(
        compute=explicitness,
        settings=PredictorSettings,
        main="explicitness",
        values=("explicitness", "explicitness_train"),
        measures="ranking of each value by a linear read-out (chance is 0.5)",
        source="Ridgeway & Mozer (2018)",
    ),
    "infoe_classification": Score(
        compute=infoe_classification,
        settings=PredictorSettings,
        takes=DISCRETE,
        main="infoe",
        values=("infoe",),
        low=-float("inf"),
        measures="cross-entropy that a linear classifier saves",
        source="Hsu et al. (2023)",
    ),
    "infoe_regression": Score(
        compute=infoe_regression,
        settings=PredictorSettings,
        takes=DISCRETE,
        main="infoe_r2",
        values=("infoe_r2",),
        low=-float("inf"),
        measures="variance that a linear regression explains",
        source="Hsu et al. (2023)",
    ),
}
