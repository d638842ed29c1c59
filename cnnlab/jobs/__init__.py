"""Kinds of work that workers do, and where a piece of such work stands; files alone, no Keras.

A job is a folder (`storage.job_folder`). What is special about its kind stands in one small file
of `kinds/`; the worker's function for it in `cnnlab.worker`. To add a kind:

1. `cnnlab/jobs/kinds/<kind>.py`: request and answer as frozen dataclasses of JSON values, and the
   facts, `KIND = Kind(...)`. The table finds it by itself.
2. `cnnlab/worker/<kind>.py`: the function that the facts name. It gets a `Work` and returns the
   answer; for an error that a user can understand it raises a `CnnlabError`.
3. Who wants one calls `asking.ask`, and `state.read_state` to see how it goes, in any process and
   as often as it likes: whoever asks again for the same folder asks for the same job.

How it is started, watched, retried, cancelled and ended in words is the same for all kinds.
"""
