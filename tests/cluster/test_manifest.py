"""The manifest for Kubernetes: KubeRay and Ray Serve accept it, and this program understands what it says.

``RAY_SERVICE`` writes down which fields KubeRay's ``RayService`` v1 and Kubernetes' pods have of those that the
manifest uses, with their types, and which of them are required (as of KubeRay's definition of 2026).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")
jsonschema = pytest.importorskip("jsonschema")
pytest.importorskip("ray")

from lookalike.cluster import deployment  # noqa: E402
from lookalike.errors import UsageError  # noqa: E402

MANIFEST = Path(__file__).parents[2] / "deploy" / "kuberay.yaml"
TEXT, COUNT, ANY = {"type": "string"}, {"type": "integer"}, {"type": "object"}


def fields(*required: str, **types: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with these fields and no others, as ``kubectl --validate=strict`` sees it."""
    schema = {"type": "object", "properties": types, "additionalProperties": False}
    return schema | {"required": list(required)} if required else schema


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def texts(values: dict[str, Any] = TEXT) -> dict[str, Any]:
    """An object of any keys."""
    return {"type": "object", "additionalProperties": values}


AMOUNTS = texts({"type": ["integer", "string"], "pattern": r"^[0-9.]+(m|k|[MGTPE]i?|Ki)?$"})
CONTAINER = fields(
    "name",
    name=TEXT,
    image=TEXT,
    env=several(fields("name", name=TEXT, value=TEXT, valueFrom=ANY)),
    resources=fields(limits=AMOUNTS, requests=AMOUNTS),
)
SPREAD = fields(
    "maxSkew",
    "topologyKey",
    "whenUnsatisfiable",
    maxSkew=COUNT,
    topologyKey=TEXT,
    whenUnsatisfiable={"enum": ["DoNotSchedule", "ScheduleAnyway"]},
    labelSelector=fields(matchLabels=texts()),
)
POD = fields(
    spec=fields("containers", containers=several(CONTAINER), topologySpreadConstraints=several(SPREAD))
)
HEAD = fields("template", rayStartParams=texts(), template=POD)
WORKERS = fields(
    "groupName",
    "maxReplicas",
    "minReplicas",
    "template",
    groupName=TEXT,
    replicas=COUNT,
    minReplicas=COUNT,
    maxReplicas=COUNT,
    rayStartParams=texts(),
    template=POD,
)
CLUSTER = fields(
    "headGroupSpec",
    rayVersion=TEXT,
    gcsFaultToleranceOptions=fields(redisAddress=TEXT),
    headGroupSpec=HEAD,
    workerGroupSpecs=several(WORKERS),
)
RAY_SERVICE = fields(
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    apiVersion={"const": "ray.io/v1"},
    kind={"const": "RayService"},
    metadata=ANY,
    spec=fields(serveConfigV2=TEXT, rayClusterConfig=CLUSTER),
)


@pytest.fixture
def document() -> dict[str, Any]:
    documents = list(yaml.safe_load_all(MANIFEST.read_text()))
    (found,) = [document for document in documents if document["kind"] == "RayService"]
    assert found["apiVersion"] == "ray.io/v1"
    return dict(found)


@pytest.fixture
def service(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["spec"])


def problems_with(document: dict[str, Any]) -> list[str]:
    """Where ``RAY_SERVICE`` is broken."""
    return [error.json_path for error in jsonschema.Draft202012Validator(RAY_SERVICE).iter_errors(document)]


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
