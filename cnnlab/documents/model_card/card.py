"""A run's model card as Markdown and HTML, and its report: the same with curves and settings."""

from collections.abc import Iterator
from dataclasses import replace

from cnnlab.documents.model_card.as_html import html_page
from cnnlab.documents.model_card.as_markdown import FrontMatter, markdown_page
from cnnlab.documents.model_card.blocks import Card, Section
from cnnlab.documents.model_card.content import CardContent
from cnnlab.documents.model_card.curves import curves_section, diagnosis_section, settings_section
from cnnlab.documents.model_card.origin import data_section, training_section, versions_section
from cnnlab.documents.model_card.quality import (
    accuracy_of,
    classes_section,
    distortions_section,
    quality_section,
    sureness_section,
    weak_section,
)
from cnnlab.documents.model_card.use import (
    caveats_section,
    cost_section,
    ethics_section,
    head,
    intended_use_section,
    licence_section,
)
from cnnlab.documents.model_card.vault import VAULT_TITLE, vault_section
from cnnlab.domain.records.measured import Measured

_DECIMALS = 4


def html_card(content: CardContent) -> str:
    """The card as one HTML file of some 30 KB, without scripts."""
    return html_page(_card(content))


def markdown_card(content: CardContent) -> str:
    """The card as Markdown, with what Hugging Face reads at its head."""
    return markdown_page(_card(content), _front(content))


def html_report(content: CardContent, plotly: str) -> str:
    """The card with curves, diagnosis and all settings, as one HTML file.

    Args:
        content: what is known of the run.
        plotly: the text of Plotly.js, which is put into the file.
    """
    card = _card(content)
    shown = [curves_section(content), diagnosis_section(content)]
    at = 1 + [section.title for section in card.sections].index(VAULT_TITLE)
    sections = [*card.sections[:at], *shown, *card.sections[at:], settings_section(content)]
    return html_page(replace(card, sections=sections), plotly=plotly)


def _card(content: CardContent) -> Card:
    return Card(content.run.name, list(head(content)), list(_sections(content)))


def _sections(content: CardContent) -> Iterator[Section]:
    yield intended_use_section()
    yield quality_section(content)
    yield vault_section(content)
    if classes := classes_section(content):
        yield classes
    yield weak_section(content)
    yield sureness_section(content)
    yield distortions_section(content)
    yield data_section(content)
    yield training_section(content)
    yield cost_section(content)
    yield ethics_section()
    yield caveats_section(content)
    yield licence_section()
    yield versions_section(content)


def _front(content: CardContent) -> FrontMatter:
    """What Hugging Face lists models by; only what is measured stands there."""
    preset = [content.config.architecture.preset] if content.config else []
    front: dict[str, object] = {
        "license": None,
        "library_name": "keras",
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "cnnlab", *preset],
        "metrics": ["accuracy"],
    }
    known = accuracy_of(content)
    if known is None or content.data is None:
        return front
    results = [_result(content, "validation", known[0])]
    if content.test is not None and "accuracy" in content.test.measures:
        results.append(_result(content, "test", content.test.measures["accuracy"]))
    return front | {"model-index": [{"name": content.run.name, "results": results}]}


def _result(content: CardContent, split: str, accuracy: Measured) -> dict[str, object]:
    assert content.data is not None and accuracy["value"] is not None
    dataset = content.data.dataset
    return {
        "task": {"type": "image-classification"},
        "dataset": {"type": dataset.id, "name": dataset.name, "split": split},
        "metrics": [{"type": "accuracy", "value": round(accuracy["value"], _DECIMALS)}],
    }
