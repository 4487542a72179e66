"""Scores that train a predictor of each factor from the codes."""

from functools import partial

from toolkit.disentanglement.predictor.dci import dci
from toolkit.disentanglement.predictor.explicitness import explicitness
from toolkit.disentanglement.predictor.infoe import infoe_classification, infoe_regression
from toolkit.disentanglement.predictor.sap import sap, sap_continuous
from toolkit.disentanglement.record import Score

DCI_VALUES = ("disentanglement", "completeness", "informativeness_train", "informativeness_test")
DCI_SOURCE = "Eastwood & Williams (2018)"

PREDICTOR: dict[str, Score] = {
    "dci": Score(
        compute=dci,
        main="disentanglement",
        values=DCI_VALUES,
        learns=True,
        measures="one factor a channel, by importances of boosted trees",
        source=DCI_SOURCE,
    ),
    "dci_forest": Score(
        compute=partial(dci, learner="forest"),
        main="disentanglement",
        values=DCI_VALUES,
        learns=True,
        measures="the same by a random forest",
        source=DCI_SOURCE,
    ),
    "dci_logistic": Score(
        compute=partial(dci, learner="logistic"),
        main="disentanglement",
        values=DCI_VALUES,
        learns=True,
        measures="the same by weights of logistic regression",
        source=DCI_SOURCE,
    ),
    "dci_lasso": Score(
        compute=partial(dci, learner="lasso"),
        main="disentanglement",
        values=DCI_VALUES,
        learns=True,
        measures="the same by weights of a lasso",
        source=DCI_SOURCE,
    ),
    "sap": Score(
        compute=sap,
        main="sap",
        values=("sap",),
        learns=True,
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
        main="explicitness",
        values=("explicitness", "explicitness_train"),
        learns=True,
        measures="ranking of each value by a linear read-out (chance is 0.5)",
        source="Ridgeway & Mozer (2018)",
    ),
    "infoe_classification": Score(
        compute=infoe_classification,
        main="infoe",
        values=("infoe",),
        low=-float("inf"),
        learns=True,
        measures="cross-entropy that a linear classifier saves",
        source="Hsu et al. (2023)",
    ),
    "infoe_regression": Score(
        compute=infoe_regression,
        main="infoe_r2",
        values=("infoe_r2",),
        low=-float("inf"),
        learns=True,
        measures="variance that a linear regression explains",
        source="Hsu et al. (2023)",
    ),
}
