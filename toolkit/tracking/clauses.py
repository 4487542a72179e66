"""The comparisons of a filter string, read without MLflow where they are plain.

MLflow takes seconds to import, and `toolkit check` asks nothing else of it. What is read here,
MLflow's own parser reads alike; every other filter string is left to that parser.
"""

import re
from dataclasses import dataclass

KINDS = {"tags": "tag", "params": "parameter", "metrics": "metric"}
# A bare name may be a keyword of SQL, of which MLflow makes something else
NAME = "(kind|ensemble|study|dataset|objective|distortion|rate|`[A-Za-z0-9_./-]+`)"
TEXT = "('[A-Za-z0-9_./-]+'|\"[A-Za-z0-9_./-]+\")"
PLAIN = (
    re.compile(rf"(tags|params)\.{NAME} *(=|!=) *{TEXT}"),
    re.compile(rf"(metrics)\.{NAME} *(=|!=|>=|<=|>|<) *(\d+(?:\.\d+)?)"),
)
AND = re.compile(r" +(?:and|AND) +")


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One comparison of a filter string.

    Arguments:
        kind: "tag", "parameter", "metric", "attribute" or "dataset".
        key: the name that is compared.
        comparator: such as "=" or "LIKE".
        value: what it is compared with, a number as it is written; None for `IS NULL`.
    """

    kind: str
    key: str
    comparator: str
    value: object


def plain_clauses(query: str) -> list[Clause] | None:
    """The comparisons of a plain filter string, None where MLflow has to read it.

    >>> plain_clauses("tags.ensemble = 'a' and metrics.`hp/beta` > 2")[1]
    Clause(kind='metric', key='hp/beta', comparator='>', value='2')
    >>> plain_clauses("tags.ensemble LIKE 'a%'") is None
    True

    Arguments:
        query: comparisons of tags, params and metrics, joined by `and`; texts and names in
            backticks of letters, digits and `_./-`; the usual tags without backticks.
    """
    clauses = []
    for part in AND.split(query.strip(" ")):
        found = next(filter(None, (form.fullmatch(part) for form in PLAIN)), None)
        if found is None:
            return None
        table, name, comparator, value = found.groups()
        clauses.append(
            Clause(
                kind=KINDS[table],
                key=name.strip("`"),
                comparator=comparator,
                value=value.strip("'\""),
            )
        )
    return clauses
