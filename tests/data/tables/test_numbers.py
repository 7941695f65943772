"""Numbers and dates are read in the forms in which spreadsheets write them."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.data.tables.cells import AUTOMATIC, NO_VALUE, Marks, marks_of
from mitbadak.data.tables.dates import ORDERS, date, date_order, dates
from mitbadak.data.tables.numbers import PLAIN, NumberForm, number_forms

NUMBERS = {
    "plain": (["1", "-2.5", "+3", ".5", "4.", "1e3"], [1, -2.5, 3, 0.5, 4, 1000]),
    "decimal commas": (["1,5", "-2", "0,25"], [1.5, -2, 0.25]),
    "thousands": (["1,200", "-800", "12,345,678.5"], [1200, -800, 12345678.5]),
    "points and commas": (["1.200,5", "800"], [1200.5, 800]),
    "only points": (["1.234.567", "5"], [1234567, 5]),
    "spaces": (["1 200,5", "800"], [1200.5, 800]),
    "narrow spaces": (["1\u202f200", "1\u00a0800"], [1200, 1800]),
    "Swiss": (["1'200.50", "80"], [1200.5, 80]),
    "percent": (["12%", "7.5 %", "-3%"], [12, 7.5, -3]),
    "dollars": (["$1,200.50", "-$3", "($5)", "$ 7"], [1200.5, -3, -5, 7]),
    "euros": (["1.200,50 €", "3 €"], [1200.5, 3]),
    "won": (["₩1,200", "₩800"], [1200, 800]),
    "units": (["60 kg", "7.5kg"], [60, 7.5]),
    "minus of typography": (["\u22121.5", "2"], [-1.5, 2]),
    "three decimals": (["0,123", "1,234"], [0.123, 1.234]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_of_one_form_are_read(case: str) -> None:
    texts, values = NUMBERS[case]
    form = number_forms(texts)[0]
    assert [form.number(text) for text in texts] == values
    read = form.numbers([*texts, "", "NA"], AUTOMATIC)
    assert read is not None
    np.testing.assert_array_equal(read, [*values, np.nan, np.nan])


@pytest.mark.parametrize(
    "texts",
    [
        ["1,2,3"], ["1.2.3"], ["12,34.5"], ["1_000"], ["\u0663"], ["0x10"], ["inf"], ["nan"],
        ["1e999"], ["9" * 400], ["z95838"], ["3 kg", "3 g"], ["5", "5%"], ["$5", "5 €"], ["1-2"],
        ["2,5", "2.5"], ["--5"], ["(-5)"], ["1,23,456"], ["4 - 5"], ["%"], ["$"], ["a5"], [""],
    ],
)  # fmt: skip
def test_other_texts_are_no_numbers(texts: list[str]) -> None:
    assert number_forms(texts) == []


@given(
    values=st.lists(st.floats(-1e9, 1e9).map(lambda v: round(v, 2)), min_size=1, max_size=9),
    signs=st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (".", "")]),
    around=st.sampled_from([("", ""), ("$", ""), ("", " %"), ("", " kg"), ("€ ", "")]),
)
def test_formatted_numbers_are_read_back(values, signs, around) -> None:
    decimal, group = signs
    texts = []
    for value in values:
        text = f"{abs(value):,.2f}".replace(",", "g").replace(".", "d")
        text = text.replace("g", group).replace("d", decimal)
        texts.append(f"{'-' * (value < 0)}{around[0]}{text}{around[1]}")
    forms = number_forms(texts)
    assert any([form.number(text) for text in texts] == values for form in forms)
    assert [forms[0].number(text) for text in texts] == values


def test_a_plain_number_is_read_beside_those_with_a_unit_of_thousands() -> None:
    assert NumberForm(group=",").number("1234.5") == 1234.5
    assert NumberForm(",", ".").number("1234,5") == 1234.5


def test_marks_stand_for_missing_values() -> None:
    for text in ("", " ", "NA", "n/a", "NaN", "#N/A", "?", ".", "-", "None", "<NA>", "#DIV/0!"):
        assert text in AUTOMATIC
    for text in ("0", "nana", "no", "-1"):
        assert text not in AUTOMATIC
    read = PLAIN.numbers(["1", "nan", "?"], AUTOMATIC)
    assert read is not None
    np.testing.assert_array_equal(read, [1, np.nan, np.nan])
    assert PLAIN.numbers(["1", "nan"], marks_of(["-9"])) is None
    only = PLAIN.numbers(["1", "-9", ""], marks_of(["-9"]))
    assert only is not None
    np.testing.assert_array_equal(only, [1, np.nan, np.nan])
    assert "-9" in marks_of(["auto", "-9"], NO_VALUE)
    assert "na" in marks_of(["auto", "-9"], NO_VALUE)
    assert "x" not in Marks()


DATES = {
    "2020-03-04": "year-month-day", "2020/3/4": "year-month-day", "2020. 3. 4.": "year-month-day",
    "3/4/2020": "month-day-year", "04.03.2020": "day-month-year", "4-Mar-20": "day-month-year",
    "4 March 2020": "day-month-year", "March 4, 2020": "month-day-year",
    "Mar 4 2020": "month-day-year", "2020년 3월 4일": "year-month-day in Korean",
    "2020-03-04T00:00:00Z": "year-month-day", "3/4/20 12:00 AM": "month-day-year",
    "4th Mar 2020": "day-month-year", "2020-03-04 09:00:00+09:00": "year-month-day",
}  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_dates_in_many_forms_are_the_same_day(text: str) -> None:
    day = (datetime.date(2020, 3, 4) - datetime.date(1970, 1, 1)).days
    assert date_order([text]) == DATES[text]
    assert date(text, DATES[text]) == day


@given(st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(2999, 1, 1)))
def test_a_date_is_the_number_of_days(when: datetime.datetime) -> None:
    days = (when - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    assert date(when.isoformat(), "year-month-day") == pytest.approx(days, abs=1e-6)
    assert date(when.strftime("%m/%d/") + f"{when.year:04}", "month-day-year") == days // 1


def test_a_whole_column_decides_about_days_and_months() -> None:
    assert date_order(["3/4/2020", "13/4/2020"]) == "day-month-year"
    assert date_order(["3.4.2020", "4.13.2020"]) == "month-day-year"
    assert date_order(["12:30", "1:15:30.5 pm"]) == "time"
    assert date_order(["2020-03", "2019-12"]) == "year-month"
    assert date_order(["Mar 2020"]) == "month-year"


@pytest.mark.parametrize(
    "text",
    ["2020-02-30", "2020-13-01", "1-1-1", "10-24", "2014/2015", "May-June", "192.168.1.1", "25:00",
     "12:60", "13:00 pm", "3 to 5", "2:3:1", "20200304x", "", "\u0662020-01-01", "March", "may 5"],
)  # fmt: skip
def test_other_texts_are_no_dates(text: str) -> None:
    assert date_order([text]) == ""
    assert all(date(text, order) is None for order in ORDERS)
    assert dates([text or "x"], "year-month-day", AUTOMATIC) is None
