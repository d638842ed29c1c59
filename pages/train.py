"""Train: every choice of a run, a look at the augmented images, and the start button."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.ui.data.dataset_view import ask_dataset, render_no_dataset
from cnnlab.ui.form import form
from cnnlab.ui.form.changes import mark_changes, render_head
from cnnlab.ui.form.state import ensure_form
from cnnlab.ui.form.tuning import render_tuning_section
from cnnlab.ui.train.address import take_from_address
from cnnlab.ui.train.config_file import render_config_upload
from cnnlab.ui.train.launch import render_side, render_start_bar
from cnnlab.ui.train.network import render_network
from cnnlab.ui.train.parts import Seen, part, see_form
from cnnlab.ui.train.preview import render_augmentation
from cnnlab.ui.train.recipe import render_reasons, render_recipe

st.title("Train", anchor=False)
st.caption("You can press Train right away: at first the settings are picked for your images.")
datasets = lab.list_datasets()
if not datasets:
    render_no_dataset()
    st.stop()
ensure_form("train")
with st.container(key="train_head"):
    left, right = st.columns([3, 2], gap="large")
with left:
    dataset = ask_dataset(datasets)
take_from_address(dataset)
with right:
    picked = render_recipe(dataset)
render_reasons(picked)
seen = see_form(dataset)


def draw_section(title: str, render: Callable[[Seen], None], *, name: str = "") -> None:
    """A section in its frame; drawn again by itself where it has the name of a part."""

    def draw(seen: Seen) -> None:
        render_head(title, seen.changes)
        render(seen)

    with st.container(border=True):
        if name:
            part(name, draw)
        else:
            draw(seen)


with st.container(key="start_bar"):
    part("start", render_start_bar)
with st.container(key="train_body"):
    fields, side = st.columns([3, 2], gap="large")
with fields:
    with st.container(border=True):
        part("head", lambda seen: render_head("Main choices", seen.changes))
        form.render_main_section(seen)
    draw_section("Augmentation", render_augmentation, name="augmentation")
    draw_section("Regularization", form.render_regularization_section, name="regularization")
    draw_section("Network", render_network, name="network")
    draw_section("Fine-tuning", lambda _: render_tuning_section(list(dataset.classes)))
    draw_section("Optimizer", form.render_optimizer_section)
    draw_section("Images", form.render_image_section)
    draw_section("Training", form.render_training_section)
    render_config_upload({dataset.id for dataset in datasets})
with side, st.container(key="train_side"):
    part("side", render_side)
part("marks", lambda seen: mark_changes(seen.changes))
