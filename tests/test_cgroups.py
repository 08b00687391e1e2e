"""Limits of the kernel's groups, in the layouts that are found on machines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hermes_gguf import cgroups

GIB = 1 << 30
UNLIMITED = "9223372036854771712"


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Lays the kernel's files out: a text of /proc/self/cgroup, and groups by path."""

    def lay_out(own: str, groups: Mapping[str, Mapping[str, str]]) -> None:
        root = tmp_path / "cgroup"
        for path, files in groups.items():
            folder = root / path
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (folder / name).write_text(f"{text}\n")
        (tmp_path / "own").write_text(own)
        monkeypatch.setattr(cgroups, "_ROOT", root)
        monkeypatch.setattr(cgroups, "_OWN", tmp_path / "own")

    return lay_out


def version_2(
    limit: int | str, used: int, *, pages: int = 0, high: str = "max"
) -> dict[str, str]:
    return {
        "memory.max": str(limit),
        "memory.high": high,
        "memory.current": str(used),
        "memory.stat": f"anon 5\ninactive_file {pages // 2}\nactive_file {pages // 2}",
    }


def version_1(limit: int | str, used: int, *, pages: int = 0) -> dict[str, str]:
    return {
        "memory.limit_in_bytes": str(limit),
        "memory.usage_in_bytes": str(used),
        # Its own pages, and those of all groups in it.
        "memory.stat": f"inactive_file 0\nactive_file 0\nhierarchical_memory_limit 7\n"
        f"total_inactive_file {pages // 2}\ntotal_active_file {pages // 2}",
    }


SCOPE = "user.slice/user-1000.slice/run-r1.scope"


@pytest.mark.parametrize(
    ("own", "groups", "limit", "left"),
    [
        pytest.param("0::/\n", {"": {}}, None, None, id="no limit at all"),
        pytest.param(
            "0::/\n", {"": version_2("max", GIB)}, None, None, id="a container without"
        ),
        pytest.param(
            "0::/\n",
            {"": version_2(8 * GIB, 3 * GIB, pages=2 * GIB)},
            8 * GIB,
            7 * GIB,
            id="a container, version 2",
        ),
        pytest.param(
            f"0::/{SCOPE}\n",
            {SCOPE: version_2(8 * GIB, GIB), "user.slice": version_2("max", 9 * GIB)},
            8 * GIB,
            7 * GIB,
            id="systemd-run -p MemoryMax=8G",
        ),
        pytest.param(
            f"0::/{SCOPE}\n",
            {SCOPE: version_2("max", GIB, high=str(6 * GIB))},
            6 * GIB,
            5 * GIB,
            id="systemd-run -p MemoryHigh=6G",
        ),
        pytest.param(
            f"0::/{SCOPE}\n",
            {
                SCOPE: version_2(8 * GIB, GIB),
                "user.slice": version_2(10 * GIB, 9 * GIB),
            },
            8 * GIB,
            GIB,
            id="a group above has less left",
        ),
        pytest.param(
            "5:cpu,cpuacct:/other\n4:memory:/mine\n0::/\n",
            {
                "memory/mine": version_1(8 * GIB, 5 * GIB, pages=4 * GIB),
                "memory": version_1(UNLIMITED, 20 * GIB),
            },
            8 * GIB,
            7 * GIB,
            id="version 1",
        ),
        pytest.param(
            "4:memory:/docker/0123\n",
            {"memory": version_1(4 * GIB, GIB)},
            4 * GIB,
            3 * GIB,
            id="a container, version 1, that has another name outside",
        ),
        pytest.param(
            "4:memory:/\n0::/\n",
            {"memory": version_1(UNLIMITED, GIB)},
            None,
            None,
            id="version 1 without a limit",
        ),
    ],
)
def test_memory_is_what_the_tightest_group_grants(kernel, own, groups, limit, left):
    kernel(own, groups)
    assert cgroups.memory_limit_bytes() == limit
    assert cgroups.memory_left_bytes() == left


@pytest.mark.parametrize(
    ("own", "groups", "quota"),
    [
        pytest.param("0::/\n", {"": {"cpu.max": "max 100000"}}, None, id="none"),
        pytest.param("0::/\n", {"": {"cpu.max": "200000 100000"}}, 2, id="two"),
        pytest.param("0::/\n", {"": {"cpu.max": "150000 100000"}}, 2, id="rounded up"),
        pytest.param("0::/\n", {"": {"cpu.max": "1000 100000"}}, 1, id="at least one"),
        pytest.param(
            f"0::/{SCOPE}\n",
            {SCOPE: {"cpu.max": "400000 100000"}, "": {"cpu.max": "300000 100000"}},
            3,
            id="a group above grants less",
        ),
        pytest.param(
            "3:cpu,cpuacct:/mine\n",
            {"cpu/mine": {"cpu.cfs_quota_us": "250000", "cpu.cfs_period_us": "100000"}},
            3,
            id="version 1",
        ),
        pytest.param(
            "3:cpu:/\n",
            {"cpu": {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"}},
            None,
            id="version 1 without a quota",
        ),
    ],
)
def test_processors_are_those_of_the_tightest_quota(kernel, own, groups, quota):
    kernel(own, groups)
    assert cgroups.processor_quota() == quota


def test_where_there_are_no_groups_nothing_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "_OWN", Path(tmp_path / "nothing"))
    assert cgroups.memory_limit_bytes() is None
    assert cgroups.memory_left_bytes() is None
    assert cgroups.processor_quota() is None
