"""Every page for everybody: axe-core finds nothing, nothing jumps, a phone shows all its width."""

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.explaining.methods import METHODS
from cnnlab.lab.judging.evaluations import part_of
from tests.conftest import draw_zip, end_processes_of
from tests.e2e.axe import SCRIPT, faint, findings
from tests.e2e.layout_shift import MOST, moved, watch
from tests.e2e.test_main_job import wait_for_script
from tests.made_evaluations import finish_evaluation
from tests.made_explanations import finish_explanations
from tests.made_exports import finish
from tests.made_insides import finish_inside
from tests.made_pairs import judged_run
from tests.made_runs import no_queue, no_supervisor
from tests.made_studies import made_study, study_base, with_id

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),  # all pages in one test; what it waits for has limits of its own
    pytest.mark.skipif(not SCRIPT.exists(), reason="axe-core isn't there: Node installs it"),
]
TRAINS = False

PAGES = {
    "home": ("/", ".st-key-start_demo"),
    "data": ("/data", ".st-key-class_counts"),
    "train": ("/train", ".st-key-launch_run"),
    "runs": ("/runs", ".st-key-runs_table"),
    "run": ("/runs?run={run}", ".st-key-run_status"),
    "study": ("/study", ".st-key-launch_study"),
    "search": ("/search", ".st-key-launch_search"),
    "models": ("/models?run={run}", ".st-key-models_table tbody tr"),
    "lessons": ("/lessons", ".st-key-lesson_list"),
    "lesson": ("/lessons?lesson=gap", ".st-key-start_lesson, [data-testid=stAlert]"),
    "one study": ("/study?study=s1", ".st-key-study_verdicts .main-svg"),
    "evaluate": ("/evaluate?run={run}", ".st-key-looks .cnnlab-looks img"),
    "explain": ("/explain?run={run}", ".st-key-section_units .cnnlab-tiles"),
    "compare": ("/compare?runs={run},{other}", ".st-key-confusion_difference .main-svg"),
    "people": ("/people", "[data-testid=stCode]"),
    "predict": ("/predict?run={run}", ".st-key-predict_upload"),
    "machines": ("/machines", ".st-key-node_0"),
    "run of nobody": ("/runs?run=nobody", "[data-testid=stAlert]"),
    "study of nobody": ("/study?study=nobody", "[data-testid=stAlert]"),
}
"""Address, and what is on the page when it is whole, of every page that is free of hurdles."""

JUMPY = ("home", "data", "train", "run", "study", "one study", "compare")
"""Pages of which a phone shows much that comes late: the others hold still if these do."""

DIALOGS = {
    "data": ["delete_dataset"],
    "run": ["fork_run", "run_menu rename_run", "run_menu delete_run"],
    "one study": ["study_menu rename_study", "study_menu delete_study"],
}
"""What is pressed to open each dialog of a page: its button, after the menu that it is in."""

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SLOWER = 4
"""As a browser on a busy machine, where kinds of widgets that Streamlit loads apart come late."""
HIDDEN_PX = """() => {
  const [last, button] = ['[data-testid=stMainBlockContainer] > :last-child', '.st-key-launch_run']
    .map((place) => document.querySelector(place).getBoundingClientRect())
  return last.bottom - button.top
}"""
"""How much of the end of Train lies under its start button."""

FITS = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  return innerWidth === 390 && main.scrollWidth <= main.clientWidth
}"""


CUT_WORDS = """() => [...document.querySelectorAll('[data-testid=stMain] :is(button, a) p')]
  .filter((words) => words.checkVisibility() && words.clientWidth > 1
    && words.scrollWidth > words.clientWidth + 1)
  .map((words) => words.textContent)"""
"""Words on buttons that aren't shown whole."""


@pytest.fixture(scope="module")
def runs(server, tmp_path_factory):
    """Two runs that have ended, the first judged on its validation images, and a study."""
    dataset = server.import_dataset(draw_zip(tmp_path_factory.mktemp("axe") / "a.zip"), "Shades")
    end_processes_of(server.home)  # the import's supervisor would start what is only made up
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        no_supervisor(patch)
        no_queue(patch)  # of which a later one would begin what was asked for
        arms = ready_arms(["baseline", "dropout"])
        study = lab.compare_arms(study_base(dataset.id), arms, seeds=3)
        made_study(with_id(study, "s1"), {"baseline": 0.8, "dropout": 0.9})
        config = load_config({"dataset": dataset.id})
        run, other = judged_run(config, wrong=[0]), judged_run(config, wrong=[1, 2])
        lab.start_evaluation(run.id, "validation")
        finish_evaluation(run, "validation", right=0.8)
        wrong = [int(row) for row in part_of(run, "validation")[-2:]]
        shown = lab.start_explanations(run.id, wrong, next(iter(METHODS)), "predicted", "")
        finish_explanations(run.id, shown)
        finish(run, "onnx", "model.onnx")
        finish_inside(run)
    return run.id, other.id


def test_no_page_has_hurdles_or_jumps_or_scrolls_sideways_on_a_phone(page, server, runs):
    """All pages in one visit: what the browser has loaded once serves the next."""
    found = {}
    watch(page)
    for name, (address, part) in PAGES.items():
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(DESK)
        page.goto(server.address + address.format(run=runs[0], other=runs[1]))
        expect(page.locator(part).first).to_be_visible()
        wait_for_script(page)
        found[f"{name}, moved"] = moved(page)
        found[name] = findings(page)
        found[f"{name}, faint"] = faint(page)
        for pressed in DIALOGS.get(name, []):
            found[f"{name}, {pressed}"] = hurdles_of_dialog(page, pressed)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", "dark")
        found[f"{name}, dark"] = [*findings(page, "color-contrast"), *faint(page)]
        found[f"{name}, phone"] = wrong_on_a_phone(page)
    told = {name: some for name, some in found.items() if some}
    assert not told, "\n".join(f"{name}: {some}" for name, some in told.items())
    loaded = [large for large in ("tensorflow", "pyarrow", "pandas") if server.loads(large)]
    assert not loaded, "all pages were seen, and the server holds what none of them needs"


def test_the_bar_of_a_phone_has_its_height_before_it_is_drawn(page, server):
    page.set_viewport_size(PHONE)
    page.goto(server.address + "/lessons")
    bar = page.locator(".st-key-bar")
    expect(bar.locator("a").first).to_be_visible()
    height = "bar => bar.getBoundingClientRect().height"
    drawn = bar.evaluate(height)
    bar.evaluate("bar => { for (const part of bar.children) part.style.display = 'none' }")
    assert bar.evaluate(height) == drawn > 0


@pytest.mark.parametrize(
    "size",
    [pytest.param(DESK, id="desk", marks=pytest.mark.exhaustive), pytest.param(PHONE, id="phone")],
)
def test_the_table_of_runs_holds_still_however_late_its_widgets_come(page, server, runs, size):
    watch(page)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.set_viewport_size(size)
    page.goto(f"{server.address}/runs")
    expect(page.locator(".st-key-runs_table tbody tr").first).to_be_visible()
    wait_for_script(page)
    assert moved(page, most=MOST / 2) == []


def test_no_main_page_jumps_on_a_phone(page, server, runs):
    page.set_viewport_size(PHONE)
    watch(page)
    jumps = {}
    for name in JUMPY:
        address, part = PAGES[name]
        page.goto(server.address + address.format(run=runs[0], other=runs[1]))
        expect(page.locator(part).first).to_be_attached()
        wait_for_script(page)
        jumps[name] = moved(page)
    assert not {name: some for name, some in jumps.items() if some}


def test_on_a_phone_the_start_button_hides_nothing(page, server, runs):
    page.set_viewport_size(PHONE)
    page.goto(f"{server.address}/train")
    expect(page.locator(".st-key-launch_run")).to_be_visible()
    wait_for_script(page)
    page.get_by_test_id("stMain").evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    assert page.evaluate(HIDDEN_PX) <= 0


def test_what_speaks_against_a_start_is_one_tap_from_a_phones_button(page, server, runs):
    page.set_viewport_size(PHONE)
    page.goto(f"{server.address}/train")
    wait_for_script(page)
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("1")
    epochs.press("Enter")
    warned = page.locator(".cnnlab-pace a")
    expect(warned).to_be_visible()
    warned.click()
    expect(page.get_by_role("heading", name="Start", exact=True)).to_be_in_viewport()
    page.set_viewport_size(DESK)
    expect(warned).to_be_hidden()


@pytest.mark.parametrize("form", ["search", "study"])
def test_a_phones_button_says_beside_it_that_nothing_can_start(page, server, runs, form):
    page.set_viewport_size(PHONE)
    page.goto(f"{server.address}/{form}")
    wait_for_script(page)
    words = page.locator(".cnnlab-pace")
    expect(words).to_contain_text("40 trials" if form == "search" else "runs")
    if form == "search":
        page.locator(".st-key-search_none button").click()
    else:
        page.get_by_label("Clear all").click()
    expect(words).to_have_text("Can't startReason below")
    words.locator("a").click()
    expect(page.get_by_role("heading", name="Start", exact=True)).to_be_in_viewport()


def hurdles_of_dialog(page, pressed):
    *menu, button = (page.locator(f".st-key-{key} button").first for key in pressed.split())
    if menu and not button.is_visible():
        menu[0].click()
    button.click()
    dialog = page.get_by_test_id("stDialog")
    expect(dialog.get_by_role("button", name="Close")).to_be_visible()
    wait_for_script(page)
    hurdles = findings(page)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    return hurdles


def wrong_on_a_phone(page):
    """What a phone shows of a page that it shouldn't; it is never wider than the phone."""
    page.set_viewport_size(PHONE)
    page.wait_for_function(FITS)
    text = page.locator("body").inner_text()
    wrong = [words for words in ("Traceback", "Something unexpected") if words in text]
    return [*wrong, *(f"cut: {words}" for words in page.evaluate(CUT_WORDS))]


@pytest.mark.parametrize(
    ("name", "first", "filtered"),
    [
        ("runs", ".st-key-runs_table tbody tr", "runs_text"),
        ("models", ".st-key-export_format", "models_text"),
    ],
    ids=["runs", "models"],
)
def test_a_phone_has_what_a_page_is_for_first_and_its_filters_by_a_press(
    page, server, runs, name, first, filtered
):
    page.set_viewport_size(PHONE)
    page.goto(f"{server.address}/{name}")
    expect(page.locator(f".st-key-{name}_table tbody tr").first).to_be_visible()
    wait_for_script(page)
    place = page.locator(first).first.bounding_box()
    field = page.locator(f".st-key-{filtered} input")
    assert place["y"] < PHONE["height"] * 2 / 3
    expect(field).to_be_hidden()
    switch = page.locator(f".st-key-unfold_{name}")
    switch.locator("label").click()
    expect(field).to_be_visible()
    field.fill("a")
    field.press("Enter")
    expect(switch).to_contain_text("Filters (1 set)")
    expect(field).to_be_visible()  # it folds by the same switch alone
    page.set_viewport_size(DESK)
    expect(switch).to_be_hidden()
    expect(field).to_be_visible()


def test_a_phone_has_augmented_images_in_sight_of_every_switch(page, server, runs):
    page.set_viewport_size(PHONE)
    page.goto(server.address + "/train")
    strip = page.locator(".st-key-preview_strip")
    expect(strip.locator("img")).to_be_attached()
    wait_for_script(page)
    for field in ("aug_rotation_degrees", "aug_brightness_fraction"):
        page.locator(
            f"[class*=st-key-row_{field}], .st-key-{field}"
        ).first.scroll_into_view_if_needed()
        expect(strip).to_be_in_viewport(ratio=0.9)
    light = page.locator(".st-key-augment_light button")
    light.click()
    expect(light).to_contain_text("check")  # its mark: the images of before are on their way out
    grid, again = (
        page.locator(".st-key-preview_grid img"),
        page.locator(".st-key-preview_strip_again"),
    )
    expect(grid).to_be_attached()
    wait_for_script(page)
    before = grid.get_attribute("src")
    again.locator("button").click()
    expect(grid).not_to_have_attribute("src", before)
    wait_for_script(page)
    expect(strip.locator("img")).to_have_attribute("src", grid.get_attribute("src"))
    expect(grid).to_be_hidden()  # a phone has them once
    page.set_viewport_size(DESK)
    expect(strip).to_be_hidden()


def test_the_bar_of_a_phone_changes_the_page_without_loading_it_again(page, server):
    page.set_viewport_size(PHONE)
    page.goto(server.address + "/lessons?lesson=gap")
    page.evaluate("() => { document.body.dataset.stays = '1' }")
    for title, address in (("Study", "/study"), ("Data", "/data")):
        page.locator(".st-key-bar").get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page).to_have_url(server.address + address)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Study")
    page.locator(".st-key-bar").get_by_role("button", name="More").click()
    page.locator(".st-key-bar").get_by_role("link", name="Home").click()
    expect(page.locator(".st-key-start_demo")).to_be_visible()
    assert page.locator("body").get_attribute("data-stays") == "1"
