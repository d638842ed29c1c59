"""Which batch size `auto` becomes, on devices whose memory is made up."""

import pytest
import tensorflow as tf

from cnnlab.domain.errors import TrainingError
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.memory_estimate import estimate_memory
from cnnlab.training.loop import batch_size as sizes
from cnnlab.training.loop.batch_size import (
    first_size,
    probe_batch_size,
    settle_batch_size,
    with_batch_size,
)
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model

CPU = Device("CPU:0", "CPU (2 threads)", 2)
GPU = Device("GPU:0", "GPU: NVIDIA A100", 8)


class SmallGpu:
    """Raises as TensorFlow does for batches above a size, and notes what was tried."""

    def __init__(self, largest):
        self.largest, self.tried = largest, []

    def try_step(self, size):
        self.tried.append(size)
        if size > self.largest:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")


def never(size):
    raise AssertionError(f"a step of {size} was tried")


@pytest.fixture
def settle(tiny_config):
    def choose(batch_size, device, try_step=never, images=3000, **more):
        config = tiny_config(training={"batch_size": batch_size})
        build = lambda: build_model(config, (12, 12, 3), 3)  # noqa: E731
        return settle_batch_size(config, images, build, device, try_step=try_step, **more)

    return choose


@pytest.mark.parametrize(
    ("images", "size"), [(10, 32), (640, 32), (1_300, 64), (2_600, 128), (100_000, 256)]
)
def test_the_first_size_suits_the_number_of_images(images, size):
    assert first_size(images) == size


@pytest.mark.parametrize(("devices", "size"), [(2, 256), (3, 192), (8, 256)])
def test_several_gpus_get_equal_shares(devices, size):
    assert first_size(100_000, devices) == size


@pytest.mark.parametrize(
    ("largest", "tried", "size"), [(999, [256], 256), (100, [256, 128, 64], 64)]
)
def test_probing_halves_until_a_step_fits(largest, tried, size):
    gpu = SmallGpu(largest)
    chosen = probe_batch_size(256, gpu.try_step, GPU.words)
    assert (gpu.tried, chosen.images) == (tried, size)
    if len(tried) > 1:
        assert chosen.words == "Batch size 64: 256, 128 didn't fit GPU: NVIDIA A100."


def test_not_even_one_image_is_a_failure_with_advice():
    gpu = SmallGpu(0)
    with pytest.raises(TrainingError, match="Not even one image fits") as caught:
        probe_batch_size(4, gpu.try_step, GPU.words)
    assert caught.value.cause == "memory" and gpu.tried == [4, 2, 1]


def test_other_errors_of_a_step_are_not_hidden():
    def broken(size):
        raise tf.errors.InternalError(None, None, "cuDNN failed")

    with pytest.raises(tf.errors.InternalError):
        probe_batch_size(32, broken, GPU.words)


def test_auto_probes_on_a_gpu(settle):
    gpu = SmallGpu(64)
    assert settle("auto", GPU, gpu.try_step).images == 64
    assert gpu.tried == [128, 64]


def test_a_number_is_taken_as_it_is(settle):
    assert settle(24, GPU).images == 24
    assert settle(24, CPU, earlier=8).images == 24


def test_a_resumed_run_keeps_what_it_began_with(settle):
    chosen = settle("auto", GPU, earlier=64)
    assert chosen.images == 64 and "began with" in chosen.words


def test_auto_is_32_on_a_cpu(settle):
    assert settle("auto", CPU).images == 32


def test_auto_is_less_where_the_memory_is_short(settle, tiny_config, monkeypatch):
    config = tiny_config(training={"batch_size": 8})
    model = build_model(config, (12, 12, 3), 3)
    limit = estimate_memory(model, config, CPU, process_bytes=10**9).total
    monkeypatch.setattr(sizes, "memory_limit_bytes", lambda device: limit)
    monkeypatch.setattr("cnnlab.training.devices.memory_estimate.resident_bytes", lambda: 10**9)
    chosen = settle("auto", CPU)
    assert chosen.images == 8
    assert chosen.words == "Batch size 8 instead of 32, so that the memory suffices."


def test_every_reader_sees_the_chosen_size(tiny_config):
    config = with_batch_size(tiny_config(training={"batch_size": "auto"}), 8)
    assert config.training.images_per_step == config.training.batch_size == 8
    assert config.training.epochs == 2


def test_a_run_notes_its_size_and_keeps_it_when_resumed(
    tiny_config, tiny_data, recorder_stopping_at, monkeypatch
):
    config = tiny_config(training={"batch_size": "auto", "epochs": 2})
    whole, resumed = recorder_stopping_at(None), recorder_stopping_at(None)
    with monkeypatch.context() as patch:
        patch.setattr(sizes, "memory_limit_bytes", lambda device: 0)
        expected = fit(config, tiny_data, whole)
    assert whole.facts["batch_size"] == 1 and whole.facts["steps_per_epoch"] == 52
    assert "so that the memory suffices" in whole.facts["batch_size_words"]
    _, state, _ = whole.checkpoints[0]
    outcome = fit(config, tiny_data, resumed, history=whole.epochs, state=state)
    assert resumed.facts["batch_size"] == 1  # though the memory would do for more now
    assert outcome.weights_checksum == expected.weights_checksum
