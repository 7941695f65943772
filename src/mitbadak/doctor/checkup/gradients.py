"""The gradient on a few examples, compared with the definition by the house's own check."""

from __future__ import annotations

import copy

from mitbadak.core.errors import MitbadakError, StateError
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import SEED, Subject
from mitbadak.doctor.findings import FAULT, WARNING, Finding
from mitbadak.gradcheck import check_gradients
from mitbadak.gradcheck.report import NOT_TESTED, WRONG

EXAMPLES, DIRECTIONS = 8, 2
FULL = 2000  # parameters up to which every entry is compared
MOST = 1 << 21  # parameters: the check copies them in float64, and measures each with many h


def gradient_check(subject: Subject) -> Item:
    """Check the gradient of a copy of the net."""
    measures = {"examples": EXAMPLES, "parameters": subject.parameters}
    if not subject.net.params:
        return Item("gradient", {"kind": "none", **measures}, judged=False)
    if subject.parameters > MOST:
        return Item("gradient", {"kind": "large", **measures}, judged=False)
    x, t = (array[:EXAMPLES] for array in subject.measured)
    mode = "full" if subject.parameters <= FULL else "directions"
    try:
        report = check_gradients(
            copy.deepcopy(subject.net), x, t, mode=mode, directions=DIRECTIONS, rng=SEED,
            training=bool(subject.net.mode_dependent),
        )  # fmt: skip
    except StateError as error:  # the loss or the gradient is not the same twice
        finding = Finding("gradient-wrong", WARNING, 0.7, {"kind": "unsteady", "why": str(error)})
        return Item("gradient", {"kind": "unsteady", **measures}, (finding,))
    except MitbadakError as error:
        return Item("gradient", {"kind": "failed", "why": str(error), **measures}, judged=False)
    wrong = [f for f in report.findings if f.verdict == WRONG]
    tested = [f for f in report.findings if f.verdict != NOT_TESTED]
    measures |= {"tested": len(tested), "arrays": len(report.findings)}
    if wrong:
        worst = max(wrong, key=lambda f: f.error)
        evidence = {
            "kind": "checkup", "names": ", ".join(f.name for f in wrong), "name": worst.name,
            "claimed": worst.analytic, "measured": worst.numerical,
            "cause": report.causes[0].explanation if report.causes else "",
        }  # fmt: skip
        finding = Finding("gradient-wrong", FAULT, 0.97, evidence, where=worst.name)
        return Item(
            "gradient", {"kind": "wrong", "names": evidence["names"], **measures}, (finding,)
        )
    if not tested:
        return Item("gradient", {"kind": "untested", **measures}, judged=False)
    return Item("gradient", measures)
