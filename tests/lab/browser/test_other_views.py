"""What is asked of every view but the Playground, which has tests of its own."""

from __future__ import annotations

import re

import pytest

from lab.browser.page import PHONE, Page, Pages, serious, wait

pytestmark = pytest.mark.browser

READY = {
    "descent": ".grab[aria-label]",
    "drawing": ".cell",
    "graph": ".picture [data-node]",
}
VIEWS = sorted(READY)


def opened(pages: Pages, view: str, query: str = "", **options: object) -> Page:
    page = pages.open(f"/{view}{query}", ready=READY[view], **options)  # type: ignore[arg-type]
    if view == "drawing":  # its net learns for seconds, on a busy machine for a minute
        page.wait_for_selector(".drawing progress", state="hidden", timeout=180_000)
    return page


@pytest.mark.parametrize("view", VIEWS)
def test_language_and_theme_switch_at_once(pages: Pages, view: str) -> None:
    page = opened(pages, view)
    page.get_by_role("button", name="한국어").click()
    page.wait_for_selector(READY[view])
    wait(page, "/[가-힣]/.test(document.querySelector('.caption').textContent)")
    latin = page.evaluate(
        """() => [...document.querySelectorAll('.lab button span, .lab label, .lab h2, .lab h3')]
                 .filter(e => e.offsetParent && /[a-z]{5,}/i.test(e.textContent)
                   && !/[가-힣]/.test(e.textContent)).map(e => e.textContent)"""
    )
    assert not latin
    page.get_by_label("테마").select_option("dark")
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground))) < 60


def test_an_address_that_is_about_to_be_opened_is_not_written_over(pages: Pages) -> None:
    pages.context.add_init_script(
        """const own = setTimeout; window.waiting = [];
           window.setTimeout = (f, ms, ...rest) => (waiting.push(f), own(f, ms, ...rest))"""
    )
    page = pages.open()
    wait(page, "location.hash.startsWith('#/playground')")
    page.get_by_label("Speed").select_option("full")
    wait(page, "location.hash.includes('full')")
    page.evaluate("() => { location.hash = '#/graph'; waiting.forEach((write) => write()) }")
    page.wait_for_selector(READY["graph"])
    page.wait_for_timeout(300)
    assert page.evaluate("location.hash") == "#/graph"


@pytest.mark.parametrize("view", VIEWS)
def test_on_a_phone_nothing_is_wider_than_the_screen(pages: Pages, view: str) -> None:
    page = opened(pages, view, size=PHONE)
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
             const box = e.getBoundingClientRect();
             return box.width && box.right > innerWidth + 1
               && !e.closest('.unseen, .skip, .picture')
           }).map(e => e.className || e.tagName)"""
    )
    assert not wide
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("view", VIEWS)
def test_everything_can_be_reached_by_keys(pages: Pages, view: str) -> None:
    page = opened(pages, view)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, select, input')]
                 .filter(e => e.offsetParent && !e.disabled && e.tabIndex >= 0).length"""
    )
    reached = set()
    page.locator("body").press("Tab")
    for _ in range(wanted + 5):
        reached.add(
            page.evaluate(
                """() => { const e = document.activeElement;
                   e.dataset.reached ??= String(Math.random()); return e.dataset.reached }"""
            )
        )
        page.keyboard.press("Tab")
    assert len(reached) >= wanted


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_serious_violation(pages: Pages, view: str, theme: str, lang: str) -> None:
    page = opened(pages, view)
    page.locator(".page-tools select").select_option(theme)
    if lang == "ko":
        page.get_by_role("button", name="한국어").click()
        page.wait_for_selector(READY[view])
    page.wait_for_timeout(300)
    assert serious(page) == []


# ---- Descent


def test_play_works_only_after_the_prediction_which_is_then_judged(pages: Pages) -> None:
    page = opened(pages, "descent")
    run = page.get_by_role("button", name="Run", exact=True)
    assert run.is_disabled()
    page.get_by_role("button", name="It arrives").click()
    wait(page, "!document.querySelector('.toolbar .primary').disabled")
    run.click()
    wait(page, "/^Step [1-9]/.test(document.querySelector('.caption').textContent)")
    page.get_by_role("button", name="To the end").click()
    wait(page, "document.querySelector('.answered').textContent.includes('Still on its way')")
    assert "0 of 1 right" in (page.locator(".score").text_content() or "")
    page.get_by_role("button", name="step 1: overshoots").click()
    wait(page, "document.querySelector('.caption').textContent.startsWith('Step 1: it over')")


def test_the_start_is_dragged_by_mouse_and_moved_by_keys(pages: Pages) -> None:
    page = opened(pages, "descent")
    handle, area = page.locator(".grab"), page.locator(".map").bounding_box()
    box = handle.bounding_box()
    assert box is not None
    assert area is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 4, steps=6)
    page.mouse.up()
    wait(page, "document.querySelector('.grab').getAttribute('aria-label').includes('x₀ = 0,')")
    handle.press("ArrowRight")
    wait(page, "document.querySelector('.grab').getAttribute('aria-label').includes('x₀ = 0.3,')")
    handle.press("Shift+ArrowRight")
    wait(page, "document.querySelector('.grab').getAttribute('aria-label').includes('x₀ = 0.33,')")
    wait(page, "location.hash.includes('start=')")


def test_a_link_to_a_race_restores_it(pages: Pages) -> None:
    lanes = '[{"optimizer":"sgd","lr":10},{"optimizer":"adam","lr":0.3}]'
    page = opened(pages, "descent", f"?ask=false&surface=sphere&lanes={lanes}")
    wait(page, "document.querySelectorAll('.standings li').length === 2")
    wait(page, "[...document.querySelectorAll('select')].some(e => e.value === 'sphere')")
    wait(page, "document.querySelector('.caption').textContent.includes('rounds to x')")
    page.get_by_role("button", name="Add a rival").click()
    wait(page, "document.querySelectorAll('.standings li').length === 3")
    page.get_by_role("button", name="Remove lane 1").click()
    wait(page, "document.querySelectorAll('.standings li').length === 2")


# ---- the drawing pad


def drawn(page: Page, *points: tuple[float, float]) -> None:
    box = page.locator(".pad canvas").bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        if not number:
            page.mouse.down()
    page.mouse.up()


def test_a_digit_is_drawn_by_mouse_read_kept_and_broken(pages: Pages) -> None:
    page = opened(pages, "drawing")
    drawn(page, (0.25, 0.2), (0.75, 0.2), (0.45, 0.85))
    wait(page, "document.querySelector('.caption').textContent.startsWith('The net reads 7')")
    wait(page, "location.hash.includes('strokes=')")
    page.reload()
    page.wait_for_selector(".cell")
    wait(page, "document.querySelector('.caption').textContent.startsWith('The net reads 7')")
    cell = page.locator(".cell").first
    cell.focus()
    cell.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cut this unit").click()
    wait(page, "document.querySelectorAll('.cell.is-cut').length === 1")
    noise = page.get_by_label("Noise on the weights")
    noise.focus()
    noise.press("PageUp")
    wait(page, "document.querySelector('.caption').textContent.startsWith('Broken like this')")
    page.get_by_role("button", name="Repair everything").click()
    wait(page, "document.querySelector('.caption').textContent.startsWith('The net reads 7')")
    page.get_by_role("button", name="Undo a stroke").click()
    wait(page, "document.querySelector('.caption').textContent.startsWith('Draw a digit')")


def test_a_digit_is_drawn_by_keys(pages: Pages) -> None:
    page = opened(pages, "drawing")
    pen = page.get_by_role("button", name="Pen: ")
    pen.focus()
    pen.press("Space")
    for _ in range(14):
        pen.press("ArrowDown")
    pen.press("Space")
    wait(page, "document.querySelector('.caption').textContent.startsWith('The net reads 1')")
    pen.press("ArrowRight")
    assert "lifted" in (pen.get_attribute("aria-label") or "")


# ---- Graph


def test_a_graph_is_gone_through_by_buttons_keys_and_clicks(pages: Pages) -> None:
    page = opened(pages, "graph")
    page.get_by_role("button", name="Next", exact=True).click()
    wait(page, "document.querySelector('.caption').textContent.includes('2 · 3 = 6')")
    page.keyboard.press("End")
    wait(page, "document.querySelector('dd.gradient').textContent === '12.077'")
    page.keyboard.press("Home")
    wait(page, "document.querySelector('dd.gradient').textContent === '?'")
    page.locator('.picture [data-node="4"]').click()
    wait(page, "document.querySelector('.caption').textContent.includes('sin(2)')")
    wait(page, "location.hash.includes('stage=2')")
    page.get_by_role("button", name="More y").click()
    wait(page, "document.querySelector('.edge .value') && location.hash.includes('values=')")


def test_a_bad_expression_is_refused_in_words_and_the_old_graph_stays(pages: Pages) -> None:
    page = opened(pages, "graph")
    formula = page.get_by_role("textbox", name="Expression")
    formula.fill("__import__('os') + x")
    formula.press("Enter")
    page.get_by_text("may not say").wait_for()
    assert page.locator("[data-node]").count() > 4
    formula.fill("sigmoid(w * x)")
    formula.press("Enter")
    wait(page, "!document.querySelector('.problem').textContent")
    wait(page, "document.querySelectorAll('[data-node]').length === 5")
