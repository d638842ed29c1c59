"""Data: upload labelled images, look at what is there."""

import streamlit as st

from cnnlab import lab
from cnnlab.ui.components.scroll.scroll import render_scrolling
from cnnlab.ui.data.camera_form import render_camera_form
from cnnlab.ui.data.dataset_view import ask_dataset, render_dataset
from cnnlab.ui.data.import_form import render_import_form

st.title("Data", anchor=False)
st.caption("Upload labelled images: a zip, a folder or files; then check what was read.")
with st.container(border=True):
    render_import_form()
    with st.expander("Make a dataset with the camera", icon=":material/photo_camera:"):
        render_camera_form()
datasets = lab.list_datasets()
if datasets:
    st.header("Your datasets", anchor=False)
    render_dataset(ask_dataset(datasets))
else:
    st.info("There is no dataset yet: upload one above. The bundled sample arrives in a moment.")
render_scrolling()
