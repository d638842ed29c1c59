"""Lessons: claims of the textbook tested on the chosen images, or one of them."""

import streamlit as st

from cnnlab import lab
from cnnlab.ui.lessons.listing import render_lessons
from cnnlab.ui.lessons.one import render_lesson
from cnnlab.ui.page_files import page_file
from cnnlab.ui.train.launch import keep_warm

lesson = st.query_params.get("lesson")
if lesson:
    # No page link: one to the page that is shown leaves the browser's address as it was.
    if st.button("All lessons", key="all_lessons", type="tertiary", icon=":material/arrow_back:"):
        st.switch_page(page_file("lessons"), query_params={})
    render_lesson(lab.load_lesson(lesson))
else:
    render_lessons()
keep_warm()
