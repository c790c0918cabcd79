"""The manifest for Kubernetes: what it says to Ray Serve is what this program understands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")
pytest.importorskip("ray")

from lookalike.cluster import deployment  # noqa: E402
from lookalike.errors import UsageError  # noqa: E402

MANIFEST = Path(__file__).parents[2] / "deploy" / "kuberay.yaml"


@pytest.fixture
def service() -> dict[str, Any]:
    documents = list(yaml.safe_load_all(MANIFEST.read_text()))
    (found,) = [document for document in documents if document["kind"] == "RayService"]
    assert found["apiVersion"] == "ray.io/v1"
    return dict(found["spec"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_serve_accepts_it_and_it_builds_the_application(service: dict[str, Any]) -> None:
    from ray.serve.schema import ServeDeploySchema

    schema = ServeDeploySchema(**yaml.safe_load(service["serveConfigV2"]))
    (application,) = schema.applications
    module, _, name = application.import_path.partition(":")
    assert (module, name) == (deployment.__name__, "app")
    built = deployment.app(application.args)
    assert type(built).__name__ == "Application"


def test_what_it_does_not_understand_is_refused() -> None:
    for arguments in ({}, {"uri": "x", "shard": 3}, {"uri": "x", "shards": 0}, {"uri": "x", "replicas": 0}):
        with pytest.raises(UsageError):
            deployment.app(arguments)


def test_the_groups_have_room_for_all_processes(service: dict[str, Any]) -> None:
    arguments = yaml.safe_load(service["serveConfigV2"])["applications"][0]["args"]
    processes = arguments["shards"] * arguments["replicas"] + arguments["routers"]
    config = service["rayClusterConfig"]
    (group,) = config["workerGroupSpecs"]
    (container,) = group["template"]["spec"]["containers"]
    cores = group["replicas"] * float(container["resources"]["limits"]["cpu"])
    assert processes * arguments["cores"] <= cores
