"""The manifest for Kubernetes: KubeRay and Ray Serve accept it, and this program understands what it says.

``rayservice.schema.json.gz`` is the schema of ``RayService`` v1 in KubeRay's custom resource definition
(ray-project/kuberay, commit feeaf72, Apache License 2.0), without its descriptions.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")
jsonschema = pytest.importorskip("jsonschema")
pytest.importorskip("ray")

from lookalike.cluster import deployment  # noqa: E402
from lookalike.errors import UsageError  # noqa: E402

MANIFEST = Path(__file__).parents[2] / "deploy" / "kuberay.yaml"
SCHEMA = Path(__file__).with_name("rayservice.schema.json.gz")


@pytest.fixture
def document() -> dict[str, Any]:
    documents = list(yaml.safe_load_all(MANIFEST.read_text()))
    (found,) = [document for document in documents if document["kind"] == "RayService"]
    assert found["apiVersion"] == "ray.io/v1"
    return dict(found)


@pytest.fixture
def service(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["spec"])


def strict(schema: Any) -> Any:
    """A schema as Kubernetes checks with ``--validate=strict``: a field that it does not name is wrong."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(part) for key, part in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        found["type"] = ["integer", "string"]
    if isinstance(schema.get("type"), str) and isinstance(schema.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found


def problems_with(document: dict[str, Any]) -> list[str]:
    """Where KubeRay's schema is broken."""
    schema = strict(json.loads(gzip.decompress(SCHEMA.read_bytes())))
    schema["properties"]["metadata"] = {"type": "object"}  # Kubernetes' own
    return [error.json_path for error in jsonschema.Draft4Validator(schema).iter_errors(document)]


def test_kuberay_accepts_it(document: dict[str, Any]) -> None:
    assert problems_with(document) == []


def test_kuberay_would_not_accept_a_slip(document: dict[str, Any]) -> None:
    cluster = document["spec"]["rayClusterConfig"]
    (group,) = cluster["workerGroupSpecs"]
    group["minReplicas"] = "four"
    group["maxReplica"] = 8
    del cluster["headGroupSpec"]["template"]
    container = group["template"]["spec"]["containers"][0]
    container["resources"]["limit"] = {"cpu": 1}
    path = "$.spec.rayClusterConfig"
    worker = f"{path}.workerGroupSpecs[0]"
    assert sorted(problems_with(document)) == sorted(
        [
            f"{path}.headGroupSpec",
            worker,
            f"{worker}.minReplicas",
            f"{worker}.template.spec.containers[0].resources",
        ]
    )


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
