import lookalike.images


def test_everything_announced_can_be_imported() -> None:
    assert [name for name in lookalike.images.__all__ if not hasattr(lookalike.images, name)] == []
