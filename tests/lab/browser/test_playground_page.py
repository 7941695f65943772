"""The Playground in a browser, driven by mouse and by keys."""

from __future__ import annotations

import re

import pytest

from lab.browser.page import PHONE, Page, Pages, epochs, look_at, serious, wait, wait_for_epoch

pytestmark = pytest.mark.browser


def run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def pause(page: Page) -> None:
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Run", exact=True).wait_for()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_the_page_is_small_and_asks_nobody_else(pages: Pages) -> None:
    page = pages.open()
    assert len(pages.hosts) == 1
    assert len(pages.requests) <= 10
    size = page.evaluate(
        """() => [...performance.getEntriesByType('resource'),
                  ...performance.getEntriesByType('navigation')]
                 .reduce((sum, e) => sum + e.transferSize, 0)"""
    )
    assert 0 < size < 300_000
    assert "token" not in page.url


def test_run_pause_step_and_restart(page: Page) -> None:
    run(page)
    wait_for_epoch(page, 3)
    pause(page)
    before = epochs(page)
    page.wait_for_timeout(300)
    assert epochs(page) == before
    press(page, "One epoch")
    wait_for_epoch(page, int(before) + 1)
    now = epochs(page)
    press(page, "One update")
    wait(
        page,
        "now => !document.querySelector('.caption').textContent.includes(`Epoch ${now}:`)",
        now,
    )
    assert 0 < epochs(page) - now < 0.2
    press(page, "Back to the start")
    wait(page, "document.querySelector('.count b').textContent === '0'")


def test_the_whole_run_can_be_looked_back_at_and_branched(page: Page) -> None:
    run(page)
    wait_for_epoch(page, 12)
    pause(page)
    end = epochs(page)
    look_at(page, 0.5)
    wait(page, "document.querySelector('.caption').textContent.startsWith('Looking')")
    middle = epochs(page)
    assert 0 < middle < end
    press(page, "Go on from here")
    wait(page, "!document.querySelector('.key.before').hidden")
    assert epochs(page) == middle
    page.get_by_label("Optimizer").select_option("sgd")
    run(page)
    wait_for_epoch(page, middle + 2)
    pause(page)


def test_the_scrub_bar_and_sliders_move_by_keys(page: Page) -> None:
    run(page)
    wait_for_epoch(page, 12)
    pause(page)
    bar = page.get_by_label("Look back")
    bar.focus()
    end = int(bar.input_value())
    bar.press("ArrowLeft")
    assert int(bar.input_value()) == end - 1
    bar.press("PageDown")
    assert int(bar.input_value()) < end - 1
    bar.press("Home")
    wait(page, "document.querySelector('.caption').textContent.includes('Epoch 0:')")
    rate = page.get_by_label("Learning rate")
    rate.focus()
    before = float(rate.input_value())
    rate.press("ArrowRight")
    coarse = float(rate.input_value()) - before
    rate.press("Shift+ArrowLeft")
    assert float(rate.input_value()) == pytest.approx(before + 0.9 * coarse, abs=0.01)
    wait(page, "location.hash.includes('lr=')")


def test_a_slider_is_dragged_by_the_mouse(page: Page) -> None:
    noise = page.get_by_label("Noise")
    box = noise.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    wait(page, "/noise=0\\.[45]/.test(location.hash)")


def test_curves_are_scrubbed_by_the_mouse(page: Page) -> None:
    run(page)
    wait_for_epoch(page, 10)
    pause(page)
    box = page.locator(".right canvas").nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 40, steps=5)
    page.mouse.up()
    wait(page, "document.querySelector('.caption').textContent.startsWith('Looking')")


def test_layers_and_inputs_change_without_a_reset(page: Page) -> None:
    run(page)
    wait_for_epoch(page, 2)
    press(page, "Add a layer")
    wait(page, "document.querySelectorAll('.unit').length === 24")
    page.get_by_role("button", name="One unit more").first.click()
    wait(page, "document.querySelectorAll('.unit').length === 25")
    page.get_by_label("Activation").first.select_option("relu")
    page.locator(".chip", has_text="sin x₁").click()
    wait(page, "document.querySelectorAll('.input').length === 3")
    pause(page)
    assert epochs(page) >= 2
    press(page, "Remove layer 3")
    wait(page, "document.querySelectorAll('.unit').length === 17")


def test_a_unit_is_touched_and_its_weight_changed(page: Page) -> None:
    page.get_by_role("button", name="Layer 2, unit 3").click()
    panel = page.locator(".inspector")
    panel.get_by_text("tanh(z)").wait_for()
    assert panel.locator("tbody tr").count() == 9
    weight = panel.get_by_label("Weight of h1,1")
    weight.fill("2.5")
    weight.press("Enter")
    wait(page, "document.querySelector('.inspector tbody input').value === '2.5'")
    before = panel.locator(".formula").text_content()
    field = page.locator(".field").bounding_box()
    assert field is not None
    page.mouse.move(field["x"] + 20, field["y"] + 20)
    wait(page, "t => document.querySelector('.formula').textContent !== t", before)
    panel.get_by_label("x₁").focus()
    panel.get_by_label("x₁").press("ArrowRight")
    panel.get_by_role("button", name="Close").click()
    assert not panel.is_visible()


def test_own_points_by_click_by_numbers_and_by_table(page: Page) -> None:
    page.get_by_label("Data set").select_option("own")
    wait(page, "location.hash.includes('points=')")  # those that were shown, to begin with
    press(page, "Remove all")
    wait(page, "document.querySelector('.caption').textContent.includes('0 points of your own')")
    field = page.locator(".field")
    for k, (x, y) in enumerate([(50, 50), (200, 60), (60, 200), (210, 210), (120, 130)]):
        page.locator(".swatch").nth(k % 2).click()
        field.click(position={"x": x, "y": y})
    wait(page, "location.hash.includes('points=')")
    page.locator(".own").get_by_label("x₁").fill("1.5")
    page.locator(".own").get_by_label("x₁").press("Enter")
    press(page, "Add the point")
    wait(page, "decodeURIComponent(location.hash).includes('[1.5,0,')")
    run(page)
    wait_for_epoch(page, 2)
    pause(page)
    page.get_by_text("Paste a table or open a CSV file").click()
    page.locator(".own textarea").fill("x1,x2,class\n1,2,a\n2,-1,b\n-3,1,a\n0,0,c\n3,3,b")
    press(page, "Use the table")
    wait(page, "document.querySelectorAll('.answer').length === 3")


def test_a_formula_makes_points_and_a_bad_one_is_refused_in_words(page: Page) -> None:
    page.get_by_label("Data set").select_option("formula")
    formula = page.get_by_role("textbox", name="A formula")
    formula.fill("sin(x1) * x2")
    formula.press("Enter")
    wait(page, "document.querySelectorAll('.answer').length === 1")
    formula.fill("open('file')")
    formula.press("Enter")
    wait(page, "document.querySelector('.caption').textContent.includes('formula')")


def test_the_address_restores_everything_also_after_a_reload(pages: Pages) -> None:
    page = pages.open()
    page.get_by_label("Data set").select_option("xor")
    page.get_by_label("Optimizer").select_option("momentum")
    press(page, "Add a layer")
    wait(page, "location.hash.includes('layers=') && location.hash.includes('xor')")
    place = page.url.split("#")[1]
    for again in (pages.open(place), page):
        if again is page:
            page.reload()
        wait(again, "document.querySelectorAll('.unit').length === 24")
        assert again.get_by_label("Data set").input_value() == "xor"
        assert again.get_by_label("Optimizer").input_value() == "momentum"


def test_two_tabs_train_nets_of_their_own(pages: Pages) -> None:
    first, second = pages.open(), pages.open()
    run(first)
    wait_for_epoch(first, 3)
    assert epochs(second) == 0
    second.get_by_label("Data set").select_option("circle")
    run(second)
    wait_for_epoch(second, 2)
    first.close()
    wait_for_epoch(second, 4)


def test_python_and_back(page: Page) -> None:
    page.get_by_label("Data set").select_option("moons")
    press(page, "As Python")
    wait(page, "document.querySelector('.code').textContent.includes('mb.fit(')")
    script = page.locator(".code").text_content()
    assert script is not None
    page.keyboard.press("Escape")
    page.get_by_label("Data set").select_option("gauss")
    press(page, "As Python")
    page.get_by_label("Settings from Python").fill(script)
    press(page, "Use these settings")
    wait(page, "document.querySelector('.left .choice select').value === 'moons'")


def test_every_example_runs_and_says_why(page: Page) -> None:
    options = page.get_by_label("Examples").locator("option")
    for number in range(1, options.count()):
        page.get_by_label("Examples").select_option(index=number)
        assert len(page.locator(".why").text_content() or "") > 40
        run(page)
        wait(
            page, """/Epoch [1-9]|diverged/.test(document.querySelector('.caption').textContent)"""
        )
        stop = page.get_by_role("button", name="Pause", exact=True)
        if stop.count():
            stop.click()


def test_language_and_theme_switch_at_once_and_stay(pages: Pages) -> None:
    page = pages.open()
    run(page)
    wait_for_epoch(page, 2)
    press(page, "한국어")
    page.get_by_role("button", name="일시 정지").wait_for()
    assert page.evaluate("document.documentElement.lang") == "ko"
    wait_for_epoch(page, 3)
    latin = page.evaluate(
        """() => [...document.querySelectorAll('.lab button, .lab label, .lab h2')]
                 .filter(e => e.offsetParent && /[a-z]{5,}/i.test(e.textContent))
                 .map(e => e.textContent)"""
    )
    assert not latin
    page.get_by_label("테마").select_option("dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground))) < 60
    page.reload()
    page.get_by_role("button", name="실행").wait_for()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_on_a_phone_nothing_is_wider_than_the_screen(pages: Pages) -> None:
    page = pages.open(size=PHONE)
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
             const box = e.getBoundingClientRect();
             return box.width && box.right > innerWidth + 1 && !e.closest('.scroll, .unseen, .skip')
           }).map(e => e.className || e.tagName)"""
    )
    assert not wide
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_can_be_reached_by_keys_and_shows_its_focus(page: Page) -> None:
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, select, input, textarea, summary')]
                 .filter(e => e.offsetParent && !e.disabled && e.type !== 'radio'
                   && !e.closest('details:not([open]) > :not(summary)')).length"""
    )
    reached = set()
    page.locator("body").press("Tab")
    for _ in range(wanted + 5):
        seen = page.evaluate(
            """() => { const e = document.activeElement;
               e.dataset.reached ??= String(Math.random()); return e.dataset.reached }"""
        )
        reached.add(seen)
        page.keyboard.press("Tab")
    assert len(reached) >= wanted


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_axe_finds_no_serious_violation(pages: Pages, theme: str, lang: str) -> None:
    page = pages.open()
    page.locator(".page-tools select").select_option(theme)
    if lang == "ko":
        press(page, "한국어")
    page.locator(".unit").first.click()
    page.locator(".inspector tbody tr").first.wait_for()
    page.locator("details.fold").first.evaluate("fold => fold.open = true")
    assert serious(page) == []


def test_frames_arrive_twenty_times_a_second(page: Page) -> None:
    """On an idle machine 25; on a busy one fewer, which decides no test."""
    page.evaluate(
        """() => { window.seen = 0;
           new MutationObserver(() => window.seen++).observe(
             document.querySelector('.caption'), { childList: true }) }"""
    )
    run(page)
    wait(page, "window.seen >= 20")
    pause(page)
