"""Train: every choice of a run, a look at the augmented images, and the start button."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.ui.data.dataset_view import ask_dataset, render_no_dataset
from cnnlab.ui.form import form
from cnnlab.ui.form.applying import without_effect
from cnnlab.ui.form.changes import changes_by_section, mark_changes, render_head
from cnnlab.ui.form.problems import note_problems
from cnnlab.ui.form.state import ensure_form, form_values
from cnnlab.ui.form.tuning import render_tuning_section
from cnnlab.ui.train.address import render_address, take_from_address
from cnnlab.ui.train.config_file import render_config_upload
from cnnlab.ui.train.launch import keep_warm, render_side, render_start
from cnnlab.ui.train.network import render_network
from cnnlab.ui.train.preview import render_augmentation
from cnnlab.ui.train.reading import read_page
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
reading = read_page(dataset)
note_problems(reading.at)
own_parts, changes = lab.own_parts(dataset.id), changes_by_section()
ignored = without_effect(form_values(dataset.id), reading.config, own_parts)
with st.container(key="start_bar", horizontal=True, vertical_alignment="center", gap="small"):
    render_start(reading.config, dataset.name)
    render_address(dataset, changes)
with st.container(key="train_body"):
    fields, side = st.columns([3, 2], gap="large")
sections: dict[str, Callable[[], None]] = {
    "Main choices": lambda: form.render_main_section(ignored, own_parts),
    "Augmentation": lambda: render_augmentation(reading.seen, ignored),
    "Regularization": lambda: form.render_regularization_section(ignored),
    "Network": lambda: render_network(dataset),
    "Fine-tuning": lambda: render_tuning_section(list(dataset.classes)),
    "Optimizer": lambda: form.render_optimizer_section(ignored),
    "Images": lambda: form.render_image_section(ignored),
    "Training": lambda: form.render_training_section(ignored, dataset.id),
}
with fields:
    for title, render in sections.items():
        with st.container(border=True):
            render_head(title, changes)
            render()
    render_config_upload({dataset.id for dataset in datasets})
with side, st.container(key="train_side"):
    render_side(reading, dataset)
mark_changes(changes)
keep_warm(reading.config)
