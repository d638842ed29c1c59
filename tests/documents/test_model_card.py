"""A model card's text: nobody's name breaks its HTML or its Markdown, and both say the same."""

import html
import json
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from cnnlab.documents.model_card.as_markdown import escaped, markdown_page
from cnnlab.documents.model_card.blocks import (
    Blank,
    Bullets,
    Card,
    Facts,
    Grid,
    Lead,
    NotKnown,
    Section,
    Words,
)
from cnnlab.documents.model_card.card import html_card, html_report, markdown_card
from cnnlab.documents.model_card.content import CardContent, Data, PreparedFile
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.run import Run, Status
from tests.made_judgements import made_judgement, made_predictions
from tests.made_runs import FACTS, epoch_record

NAMES = (
    "</script><img src=x onerror=alert(1)> & \u202e",
    "a | b\n| --- |\n# no heading *no stress* `no code`",
    "[a](http://evil.example) @you www.evil.example <!-- gone -->",
    "--- 1. = + 🐍 'quoted' \"twice\" \\ $x$ ~~no~~",
    "x" * 300,
)
FIGURES = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


def made_content(name="a run", classes=None, **more):
    """What is known of a run of two classes that was judged."""
    classes = classes or ("cat", "dog")
    config = RunConfig(dataset="pets-12345678")
    records = [epoch_record(number) for number in range(3)]
    run = Run(
        "20261130-120000-abcd", name, config.dataset, config.model_dump(mode="json"),
        Status.FINISHED, created_at="2026-11-30T12:00:00+00:00",
        ended_at="2026-11-30T12:01:00+00:00", best_epoch=2, last=records[-1], best=records[-1],
    )  # fmt: skip
    dataset = Dataset("pets-12345678", name, dict.fromkeys(classes, 100))
    data = Data(
        dataset, "12345678" * 8, {"train": [60, 60], "validation": [40, 40], "test": [0, 0]}
    )
    predictions = made_predictions(images=80, classes=2)
    judgement = made_judgement(predictions=predictions, names=list(classes))
    known = {"judgement": judgement, "made_at": "2026-11-30T13:00:00+00:00", **more}
    return CardContent(run, records, FACTS, {"status": "finished"}, config, data, **known)


def parsed(card):
    """A Markdown card without its front matter, as tokens."""
    body = card.partition("\n---\n")[2]
    return MarkdownIt().enable(["table", "strikethrough"]).parse(body)


def kinds(card):
    return {one.type for token in parsed(card) for one in (token, *(token.children or []))}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_markup(name):
    content = made_content(name, classes=(name, "dog"), flattered=(name,))
    plain = made_content(flattered=("a sentence",))
    page = html_card(content)
    assert "<img" not in page and "<script" not in page and "<!-- " not in page
    assert set(re.findall(r"<[^>\s]+", page)) <= set(re.findall(r"<[^>\s]+", html_card(plain)))
    report = html_report(content, "var Plotly")
    for figure in FIGURES.findall(report):
        json.loads(figure)
    assert report.count("<script") == 2 + len(FIGURES.findall(report))
    card = markdown_card(content)
    assert kinds(card) - {"text_special"} <= kinds(markdown_card(plain))
    assert [token.tag for token in parsed(card) if token.type == "heading_open"] == [
        token.tag for token in parsed(markdown_card(plain)) if token.type == "heading_open"
    ]


@pytest.mark.parametrize("text", NAMES)
def test_escaped_text_is_shown_as_it_is(text):
    (inline,) = [token for token in MarkdownIt().parse(escaped(text)) if token.type == "inline"]
    shown = "".join(child.content for child in inline.children)
    wanted = re.sub(r"[\x00-\x1f\u202e]", " ", text)
    assert shown.replace("\u2060", "").split() == wanted.split()
    assert {child.type for child in inline.children} <= {"text", "text_special"}


def test_every_block_is_what_markdown_takes_it_for():
    blocks = [
        Lead("lead"), Words("words"), NotKnown("unknown"), Blank("a gap"), Bullets(["one", "two"]),
        Grid(("a", "b"), [("x", "1 | 2")], (1,)), Facts([("term", "fact")]),
    ]  # fmt: skip
    page = markdown_page(Card("title", [], [Section("part", blocks)]), {"license": None})
    assert page.startswith("---\nlicense: # to be filled in\n---\n\n# title\n\n## part\n\n**lead**")
    shown = MarkdownIt().enable("table").render(page.partition("\n---\n")[2])
    for wanted in (
        "<strong>lead</strong>", "<em>unknown</em>", "<li>one</li>", "<td>x</td>",
        '<td style="text-align:right">1 | 2</td>', "<strong>To be filled in:</strong> a gap",
    ):  # fmt: skip
        assert wanted in shown


def test_both_forms_say_the_same():
    content = made_content(flattered=("It trains on images that were looked at.",))
    page = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", html_card(content), flags=re.S)
    told = html.unescape(re.sub(r"<[^>]+>", " ", page))
    card = MarkdownIt().enable("table").render(markdown_card(content).partition("\n---\n")[2])
    said = html.unescape(re.sub(r"<[^>]+>", " ", card))
    clean = [re.sub(r"[\s:\u2060]+", "", text) for text in (told, said)]
    assert clean[0] == clean[1]


def test_front_matter_is_what_hugging_face_reads():
    front = markdown_card(made_content('a "run"\n--- x')).split("\n---\n")[0]
    assert front.startswith('---\nlicense: # to be filled in\nlibrary_name: "keras"\n')
    assert '- name: "a \\"run\\" --- x"' in front
    accuracy = made_content().judgement["measures"]["accuracy"]["value"]
    assert f"value: {round(accuracy, 4)}" in front and '"split": "validation"' in front


def test_a_run_of_another_version_is_told_as_far_as_it_is_known():
    content = replace(made_content(), config=None, data=None, version_note="Made by cnnlab 0.0.1.")
    card = markdown_card(content)
    assert "of another version of cnnlab" in card and "can't be read here" in card
    assert "Made by cnnlab 0.0.1." in card and "model-index" not in card


def test_what_a_network_began_with_and_its_phases_are_told():
    start = {
        "source": "EfficientNet-Lite0", "sha256": "5a" * 32, "licence": "Apache-2.0", "taken": 14,
        "new": ["probabilities/kernel", "probabilities/bias"],
    }  # fmt: skip
    words = "Phase 2: last 3 blocks, learning rate 0.0001"
    once = {"cached_features": "The frozen layers are computed once: 8 features of each image."}
    phases = [{"first_epoch": 5, "words": words, "trained": ["dense"]}]
    content = made_content()
    assert "trained from scratch" in markdown_card(content)
    card = markdown_card(
        replace(content, facts=content.facts | {"pretrained": start, "phases": phases} | once)
    )
    assert "8 features of each image" in card and "Computed once" in card
    assert "weights of EfficientNet-Lite0 (licence: Apache-2.0), sha256 5a5a5a5a5a5a" in card
    assert "14 arrays taken over, begun anew: probabilities" in card
    assert "last 3 blocks, learning rate 0.0001, from epoch 6 on" in card


def test_files_tell_how_they_agree_and_what_was_not_verified():
    check = {
        "max_abs_difference": 5e-7, "top1_agreement": 1.0, "milliseconds_per_image": 0.51,
        "bytes": 2**20, "images": 200, "memory_bytes": 100 * 2**20,
        "accuracy": {"value": 0.9, "low": 0.85, "high": 0.93},
        "per_class": [{"class": "leaf", "images": 20, "right": 17, "right_float32": 20}],
    }  # fmt: skip
    nothing = dict.fromkeys(("max_abs_difference", "top1_agreement", "milliseconds_per_image"))
    unverified = nothing | {"bytes": 5, "not_verified": "No runtime here."}
    prepared = [
        PreparedFile("ONNX", "model.onnx", True, check),
        PreparedFile("Core ML", "model.mlpackage", False, unverified),
    ]
    card = markdown_card(made_content(prepared=prepared))
    assert (
        "| ONNX, calibrated | model.onnx | 1\u00a0MiB | 200 images | 100.0\u00a0% | 5.0e-07 | "
        "90.0\u00a0% (85.0 to 93.0\u00a0%) | 0.51 | 100\u00a0MiB |"
    ) in card
    assert "| Core ML | model.mlpackage | 5\u00a0bytes | – | – | – | – | – | – |" in card
    assert "- Core ML: No runtime here." in card
    assert "ONNX, calibrated: It loses 15.0 points of accuracy on these 20" in card
    assert "(17 instead of 20 of 20 right)" in card
