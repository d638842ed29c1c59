"""The container's files: what they name exists. That they build was seen by nobody here."""

import re
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DOCKER = ROOT / ".docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
GPU = yaml.safe_load((DOCKER / "compose.gpu.yaml").read_text())
ENTRYPOINT = DOCKER / "entrypoint.sh"

INSTRUCTIONS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN", "USER",
    "VOLUME", "WORKDIR",
}  # fmt: skip
SERVICE_KEYS = {
    "build", "cap_drop", "depends_on", "deploy", "environment", "healthcheck", "image", "init",
    "networks", "ports", "restart", "secrets", "security_opt", "stop_grace_period", "volumes",
}  # fmt: skip


def instructions():
    """Name and words of each instruction of the Dockerfile."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def of(name):
    return [words for each, words in instructions() if each == name]


def copied():
    """What the image is made of, with each file that `PINNED` may name."""
    sources = [word for words in of("COPY") for word in words.split()[:-1] if word[:2] != "--"]
    return [source.replace("${PINNED}", pinned) for source in sources for pinned in ("app", "gpu")]


def test_every_instruction_is_one_and_what_is_copied_is_there():
    assert {name for name, _ in instructions()} <= INSTRUCTIONS
    assert instructions()[0][0] == "ARG" and instructions()[1][0] == "FROM"
    assert len(copied()) > 10
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_what_is_copied_is_let_in_by_the_ignore_file():
    lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines and [name for name in let_in if not (ROOT / name).exists()] == []
    for source in copied():
        assert any(source == name or source.startswith(f"{name}/") for name in let_in), source


def test_all_that_runs_is_copied():
    """Every top-level thing of the program that an import or a page needs."""
    for name in ("app.py", "cnnlab", "pages", "sample_data", ".streamlit", "pyproject.toml"):
        assert name in copied()


def test_variables_that_are_used_are_given():
    known = {words.partition("=")[0] for words in of("ARG")}
    assert set(re.findall(r"\$\{(\w+)\}", DOCKERFILE)) <= known


def test_nobody_runs_it_as_root_and_its_health_is_looked_at():
    names = [name for name, _ in instructions()]
    (user,) = of("USER")
    assert user != "0" and f"useradd --uid {user} " in of("RUN")[0]
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")
    assert "/healthz" in of("HEALTHCHECK")[0]
    program = re.search(r'"-c", "(.*?)"\]', of("HEALTHCHECK")[0])[1]
    compile(program, "health check", "exec")


def test_packages_are_those_with_hashes():
    installed = [words for words in of("RUN") if "pip install" in words]
    assert installed and all(
        words.count("pip install") == words.count("--require-hashes") for words in installed
    )


def test_compose_names_what_is_there():
    services = COMPOSE["services"]
    assert set(COMPOSE) == {"name", "services", "networks", "volumes", "secrets"}
    for service in [*services.values(), *GPU["services"].values()]:
        assert set(service) <= SERVICE_KEYS
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert set(service.get("depends_on", {})) <= set(services)
    build = services["app"]["build"]
    assert (DOCKER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]) == DOCKER / "Dockerfile"
    assert set(GPU["services"]) <= set(services)
    args = {words.partition("=")[0] for words in of("ARG")}
    assert {*build["args"], *GPU["services"]["app"]["build"]["args"]} <= args


def test_only_the_proxy_of_the_host_reaches_the_app_and_nobody_the_database():
    services = COMPOSE["services"]
    assert services["app"]["ports"] == ["127.0.0.1:8501:8501"]
    assert "ports" not in services["database"]
    gateway = COMPOSE["networks"]["inside"]["ipam"]["config"][0]["gateway"]
    assert services["app"]["environment"]["CNNLAB_PROXY_PEERS"] == gateway


def test_no_password_stands_in_the_files():
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            assert "PASSWORD" not in name or value == "/run/secrets/database_password"
    address = COMPOSE["services"]["app"]["environment"]["CNNLAB_DATABASE"]
    assert re.fullmatch(r"postgresql\+psycopg://cnnlab@database:5432/cnnlab", address)
    assert COMPOSE["secrets"] == {"database_password": {"file": "./secrets/database_password"}}
    assert ".docker/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_variable_is_one_that_somebody_reads():
    given = {
        name
        for service in COMPOSE["services"].values()
        for name in service["environment"]
        if not name.startswith("POSTGRES_")
    }
    read = ENTRYPOINT.read_text() + "".join(
        path.read_text() for path in (ROOT / "cnnlab").rglob("*.py")
    )
    assert [name for name in given if name not in read] == []


@pytest.fixture
def enter(tmp_path):
    def run(**variables):
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **variables}
        command = [str(ENTRYPOINT), "sh", "-c", 'echo "$STREAMLIT_SERVER_BASE_URL_PATH"']
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    return run


def test_the_password_goes_into_a_file_that_only_its_user_reads(tmp_path, enter):
    (tmp_path / "given").write_text("0123abcd\n")
    assert enter(DATABASE_PASSWORD_FILE=str(tmp_path / "given")) == ""
    kept = tmp_path / ".pgpass"
    assert kept.read_text() == "database:5432:cnnlab:cnnlab:0123abcd\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_without_a_password_none_is_kept(tmp_path, enter):
    assert enter(BASE_PATH="/lab") == "lab"
    assert not (tmp_path / ".pgpass").exists()
