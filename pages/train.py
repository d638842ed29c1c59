"""Train: every choice of a run, a look at the augmented images, and the start button."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.ui.data.dataset_view import ask_dataset
from cnnlab.ui.form import form
from cnnlab.ui.form.state import ensure_form
from cnnlab.ui.form.tuning import render_tuning_section
from cnnlab.ui.page_files import page_file
from cnnlab.ui.train.config_file import render_config_upload
from cnnlab.ui.train.launch import keep_warm, render_side
from cnnlab.ui.train.network import render_network
from cnnlab.ui.train.recipe import render_recipe

st.title("Train", anchor=False)
st.caption("You can press Train right away: at first the settings are picked for your images.")
datasets = lab.list_datasets()
if not datasets:
    st.info("There is no dataset yet. Upload labelled images first.")
    st.page_link(page_file("data"), label="Go to Data", icon=":material/photo_library:")
    st.stop()
ensure_form("train")
render_config_upload({dataset.id for dataset in datasets})
left, right = st.columns([3, 2], gap="large")
with left:
    dataset = ask_dataset(datasets)
    render_recipe(dataset)
    own_parts = lab.own_parts(dataset.id)
    sections: dict[str, Callable[[], None]] = {
        "Images": lambda: form.render_image_section(own_parts),
        "Augmentation": form.render_augmentation_section,
        "Network": lambda: render_network(dataset),
        "Fine-tuning": lambda: render_tuning_section(list(dataset.classes)),
        "Regularization": form.render_regularization_section,
        "Optimizer": form.render_optimizer_section,
        "Training": lambda: form.render_training_section(dataset.id),
    }
    for title, render in sections.items():
        with st.container(border=True):
            st.subheader(title, anchor=False)
            render()
with right, st.container(key="train_side"):
    config = render_side(dataset)
keep_warm(config)
