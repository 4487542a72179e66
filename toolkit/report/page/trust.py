"""Which run to trust, in sentences."""

from toolkit.report.page.wording import between, count, number
from toolkit.report.records import Findings


def standing_out(findings: Findings) -> int | None:
    """The run to trust, if all others can be told from it; None where no run stands out."""
    found = findings.recommendation
    return None if found.rivals else found.best


def trust_sentences(findings: Findings) -> tuple[str, ...]:
    """The answer, then what it rests on."""
    found, runs = findings.recommendation, findings.runs
    if found.best is None:
        return (
            "No run stands out.",
            "Nothing that a run knows comes back in the others beyond what random axes would "
            "share. Train longer, or train more seeds of one setting.",
        )
    best = found.of(found.best)
    leads = (
        f"the others confirm {number(best.confirmed_bits)} of its {number(best.bits, digits=1)} "
        "bits beyond random axes"
    )
    name = f"{runs[best.run].name} (run {best.run + 1})"
    setting = found.settings[0] if found.settings else None
    if not found.rivals:
        return (f"Trust {name}:", f"{leads}, more than of any other run.")
    told = f"{count(len(found.rivals), 'other run')} cannot be told from it"
    if setting is not None and found.setting_stands_out:
        return (
            f"Trust the runs of {setting.label}; none of them stands out.",
            f"They confirm {number(setting.confirmed_bits)} bits of one another "
            f"({between(setting.interval)}), more than the runs of any other setting. "
            f"{name} leads: {leads}, but {told}.",
        )
    sentences = ["No run stands out.", f"{name} leads: {leads}, but {told}."]
    if setting is not None and len(found.settings) > 1:
        ends = f" ({between(setting.interval)})" if setting.interval is not None else ""
        sentences.append(
            f"No setting stands out either: {setting.label} leads, whose runs confirm "
            f"{number(setting.confirmed_bits)} bits of one another{ends}. More seeds would tell."
        )
    return tuple(sentences)
