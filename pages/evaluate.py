"""Evaluate: how good a run's model is on one part of its dataset, and where it errs."""

from cnnlab.ui.judge.page import render_evaluate

render_evaluate()
