"""Which settings differ, in sentences."""

from toolkit.report.page.wording import count, listed
from toolkit.report.records import Findings
from toolkit.report.setting_difference import SettingDifference

NAMED = 4  # pairs of settings that a sentence has room for
SHOWN = 40  # rows of the table on the page


def rows_shown(findings: Findings) -> list[SettingDifference]:
    """The differences that the page has room for, the surest first."""
    return sorted(findings.setting_differences, key=lambda found: found.p_value)[:SHOWN]


def difference_sentences(findings: Findings) -> list[str]:
    """Which settings differ, a sentence for bits and one for corrected agreement."""
    labels = [setting.label for setting in findings.settings]
    sentences = []
    for measure in dict.fromkeys(found.measure for found in findings.setting_differences):
        tested = [found for found in findings.setting_differences if found.measure == measure]
        apart = [
            f"{labels[found.first]} from {labels[found.second]}"
            for found in tested
            if found.differs
        ]
        rest = len(tested) - len(apart)
        if not apart:
            sentence = f"In {measure}, no difference between settings is shown"
        elif len(apart) > NAMED:
            sentence = f"In {measure}, the settings of {len(apart)} of {len(tested)} pairs differ"
        else:
            sentence = f"In {measure}, settings differ: {listed(apart)}"
        if apart and rest:
            sentence += f"; of {count(rest, 'other pair')} no difference is shown"
        sentences.append(f"{sentence}.")
    return sentences
