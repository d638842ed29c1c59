"""Predict: what the models of runs say of new pictures, one, many, or from the camera."""

from cnnlab.ui.predict.page import render_predict

render_predict()
