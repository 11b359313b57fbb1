"""What deployments rely on: the files that start the bot elsewhere, and the warning about disks that do not stay."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from bot.domain.research import Event, State
from bot.ops.disk import file_system, warning
from bot.ops.metrics import DOCS as METRICS
from bot.settings import DOCS

ROOT = Path(__file__).parents[2]
MOUNTS = """\
overlay / overlay rw,relatime 0 0
/dev/sda1 /data ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/sdb1 /mnt/my\\040disk ext4 rw 0 0
"""
HEADS = re.compile(r"^## (.+)$", re.MULTILINE)
KNOWN = {row.name for row in DOCS}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/app/research.db", "overlay"),
        ("/data/research.db", "ext4"),
        ("/database.db", "overlay"),
        ("/dev/shm/research.db", "tmpfs"),
        ("/mnt/my disk/research.db", "ext4"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str):
    assert file_system(Path(path), MOUNTS) == kind


def test_a_disk_that_goes_is_warned_of_loudly():
    said = warning(Path("/app/research.db"), MOUNTS, {})

    assert said is not None
    assert "LOST" in said
    assert "DATABASE_URL" in said


def test_a_platform_that_throws_disks_away_is_known_by_its_variable():
    said = warning(Path("/data/research.db"), MOUNTS, {"DYNO": "web.1"})

    assert said is not None
    assert "Heroku" in said


def test_a_disk_that_stays_is_not_warned_of():
    assert warning(Path("/data/research.db"), MOUNTS, {"PATH": "/bin"}) is None
    assert warning(Path("/data/research.db"), "", {}) is None


def test_compose_starts_the_bot_on_postgresql_with_variables_that_exist():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    bot = compose["services"]["bot"]

    assert set(bot["environment"]) <= KNOWN
    assert bot["environment"]["DATABASE_URL"].startswith("postgresql://")
    assert bot["depends_on"]["database"]["condition"] == "service_healthy"


def test_kubernetes_probes_the_health_paths_and_waits_for_the_handover():
    deployment, service = yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text("utf-8"))
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]

    assert {one["name"] for one in container["env"]} <= KNOWN
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert spec["terminationGracePeriodSeconds"] > 10
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]


ALERTS = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((ROOT / "deploy/grafana.json").read_text("utf-8"))
EXPRESSIONS = [alert["expr"] for alert in ALERTS] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]


def events() -> set[str]:
    """Every event that the log may name."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    written = set(re.findall(r'"([a-z]+(?:\.[a-z_]+)+)"', source))
    return written | {f"research.{event.__name__.lower()}" for event in get_args(Event)}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_alerts_and_dashboard_ask_for_metrics_events_and_states_that_exist(expression: str):
    names = re.findall(r"research_bot_[a-z0-9_]+", expression)
    labels = re.findall(r'(\w+)=~?"([^"]+)"', expression)

    assert names
    assert {re.sub(r"_bucket$", "", name) for name in names} <= set(METRICS)
    known = {"event": events(), "state": set(State)}
    assert all(set(values.split("|")) <= known[label] for label, values in labels)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_leads_to_a_page_of_the_runbook(alert):
    runbook = (ROOT / "docs/runbook.md").read_text("utf-8")
    pages = [re.sub(r"[^a-z -]", "", head.lower()).replace(" ", "-") for head in HEADS.findall(runbook)]
    _, _, page = alert["annotations"]["runbook"].partition("docs/runbook.md#")

    assert page in pages
    assert len(pages) == 10


def test_the_image_runs_as_nobody_special_and_is_asked_for_its_health():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()

    assert "USER bot" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert any(line.startswith("STOPSIGNAL SIGTERM") for line in lines)
