"""Data: bring labelled images in, look at what is there, go on to Train."""

import streamlit as st

from cnnlab import lab
from cnnlab.ui.components.scroll.scroll import render_scrolling
from cnnlab.ui.data.dataset_view import ask_dataset, chosen_dataset, render_dataset
from cnnlab.ui.data.import_progress import find_import_again, render_import_status
from cnnlab.ui.data.new_images import render_new_images

st.title("Data", anchor=False)
find_import_again()
status = st.container()  # on top, where what came of an import is seen without scrolling
datasets = lab.list_datasets()
render_new_images(datasets, chosen_dataset(datasets) if datasets else None)
chosen = ask_dataset(datasets) if datasets else None
with status:
    render_import_status()
if chosen:
    render_dataset(chosen)
else:
    st.info("There is no dataset yet: make one above. The bundled sample arrives in a moment.")
render_scrolling()
