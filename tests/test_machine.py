"""CPUs and memory that a process may use, read from made-up files of the kernel."""

import os
import resource

import pytest

from cnnlab.machine import (
    allowed_cpus,
    cpu_threads,
    free_memory_bytes,
    memory_bytes,
    memory_shortage,
    resident_bytes,
)

GB = 1024**3


@pytest.fixture
def machine(tmp_path):
    """Writes the files of a machine below a folder, which it returns."""

    def write(**files):
        plain = {
            "proc/meminfo": f"MemTotal: {64 * GB // 1024} kB\nMemAvailable: {32 * GB // 1024} kB\n",
            "proc/self/status": "Name:\tpython\nVmSize:\t8388608 kB\nVmRSS:\t1048576 kB\n",
            "proc/self/cgroup": "0::/jobs/one\n",
        }
        for name, text in (plain | files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_without_limits_the_system_decides(machine):
    root = machine()
    assert free_memory_bytes(root) == 32 * GB
    assert resident_bytes(root) == GB
    assert cpu_threads(root) == allowed_cpus() == len(os.sched_getaffinity(0))


def test_a_control_group_of_version_2_limits_memory(machine):
    group = "sys/fs/cgroup/jobs/one"
    files = {
        f"{group}/memory.max": str(4 * GB),
        f"{group}/memory.current": str(3 * GB),
        f"{group}/memory.stat": f"anon 1\ninactive_file {GB // 2}\n",
        "sys/fs/cgroup/jobs/memory.max": "max",
        "sys/fs/cgroup/jobs/memory.current": str(9 * GB),
    }
    assert free_memory_bytes(machine(**files)) == GB + GB // 2


def test_the_tightest_group_on_the_way_up_counts(machine):
    files = {
        "sys/fs/cgroup/jobs/one/memory.max": str(16 * GB),
        "sys/fs/cgroup/jobs/one/memory.current": str(GB),
        "sys/fs/cgroup/jobs/memory.max": str(8 * GB),
        "sys/fs/cgroup/jobs/memory.current": str(6 * GB),
    }
    assert free_memory_bytes(machine(**files)) == 2 * GB


def test_a_control_group_of_version_1_limits_memory(machine):
    group = "sys/fs/cgroup/memory/docker/abc"
    files = {
        "proc/self/cgroup": "5:cpuset:/\n4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n",
        f"{group}/memory.limit_in_bytes": str(2 * GB),
        f"{group}/memory.usage_in_bytes": str(GB),
        f"{group}/memory.stat": "cache 5\ntotal_inactive_file 4096\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": str(20 * GB),
    }
    assert free_memory_bytes(machine(**files)) == GB + 4096


def test_a_group_whose_path_only_the_host_sees_is_the_mount_itself(machine):
    files = {
        "proc/self/cgroup": "4:memory:/docker/abc\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": str(3 * GB),
        "sys/fs/cgroup/memory/memory.usage_in_bytes": str(GB),
    }
    assert free_memory_bytes(machine(**files)) == 2 * GB


def test_all_memory_is_that_of_the_tightest_group_or_else_of_the_system(machine):
    assert memory_bytes(machine()) == 64 * GB
    limits = {
        "sys/fs/cgroup/jobs/one/memory.max": "max",
        "sys/fs/cgroup/jobs/memory.max": str(8 * GB),
    }
    assert memory_bytes(machine(**limits)) == 8 * GB


def test_a_group_that_is_over_its_limit_leaves_nothing(machine):
    group = "sys/fs/cgroup/jobs/one"
    files = {f"{group}/memory.max": str(GB), f"{group}/memory.current": str(2 * GB)}
    assert free_memory_bytes(machine(**files)) == 0


def test_ulimit_limits_the_address_space(machine, monkeypatch):
    limits = {resource.RLIMIT_AS: 10 * GB, resource.RLIMIT_DATA: resource.RLIM_INFINITY}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limits[kind], limits[kind]))
    assert free_memory_bytes(machine()) == 2 * GB


@pytest.mark.parametrize(
    ("quota", "threads"),
    [("max 100000", 64), ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1)],
)
def test_a_cpu_quota_limits_the_threads(quota, threads, machine, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    assert cpu_threads(machine(**{"sys/fs/cgroup/jobs/one/cpu.max": quota})) == threads


@pytest.mark.parametrize(("quota", "threads"), [("-1", 64), ("300000", 3)])
def test_a_cpu_quota_of_version_1_limits_the_threads(quota, threads, machine, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    files = {
        "proc/self/cgroup": "2:cpu,cpuacct:/docker/abc\n",
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": quota,
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000",
    }
    assert cpu_threads(machine(**files)) == threads


def test_a_system_without_these_files_still_answers(tmp_path):
    assert free_memory_bytes(tmp_path) > 0
    assert resident_bytes(tmp_path) == 0
    assert cpu_threads(tmp_path) == allowed_cpus()
    assert memory_bytes(tmp_path) > 0


def test_this_machine_answers():
    assert resident_bytes() > 10 * 1024**2
    assert free_memory_bytes() > 0
    assert 1 <= cpu_threads() <= allowed_cpus()


@pytest.mark.parametrize(
    ("said", "is_short"),
    [
        ("libtensorflow_cc.so.2: failed to map segment from shared object", True),
        (
            "libtensorflow_framework.so.2: Cannot allocate memory",
            True,
        ),
        ("MemoryError", True),
        ("No module named 'tensorflow'", False),
        ("libtensorflow_cc.so.2: cannot open shared object file: No such file or directory", False),
    ],
)
def test_too_little_memory_for_tensorflow_is_recognised(said, is_short):
    found = memory_shortage(said)
    assert bool(found) == is_short
    assert not found or ("2.0 GiB of address space" in found and "ulimit -v unlimited" in found)
