"""Somebody who uses the page in a real browser, in the words that the tests are told in."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect  # a test module that imports this is skipped
HANG_GUARD = 60_000  # milliseconds, on the slowest machine; a page that takes as long has failed
expect.set_options(timeout=HANG_GUARD)
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
_DATA_TRANSFER = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  return transfer;
}"""
_HOLD_OVER = """([selector, transfer]) => {
  const part = document.querySelector(selector);
  part.dispatchEvent(new DragEvent("dragover", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  return [...part.classList];
}"""
_TO_CLIPBOARD = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const picture = new Blob([bytes], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


class Visitor:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def choose(self, picture: Path) -> None:
        """Choose a picture to search by and wait for the answer."""
        self.page.locator("#intake [data-part=choose]").set_input_files(picture)
        self.wait()

    def drag(self, picture: Path, onto: str) -> list[str]:
        """Hold a picture over a part of the page; returns the part's classes, which do not stay for long."""
        classes: list[str] = self.page.evaluate(_HOLD_OVER, [onto, self._transfer(picture)])
        return classes

    def drop(self, picture: Path, onto: str) -> None:
        """Drop a picture on a part of the page."""
        self.drag(picture, onto)
        self.page.dispatch_event(onto, "drop", {"dataTransfer": self._transfer(picture)})

    def _transfer(self, picture: Path) -> Any:
        data = base64.b64encode(picture.read_bytes()).decode()
        return self.page.evaluate_handle(_DATA_TRANSFER, [picture.name, "image/png", data])

    def paste(self, picture: Image.Image) -> None:
        """Put a picture on the clipboard and press Ctrl+V."""
        file = io.BytesIO()
        picture.save(file, "PNG")
        self.page.evaluate(_TO_CLIPBOARD, base64.b64encode(file.getvalue()).decode())
        self.page.keyboard.press("Control+V")

    def wait(self) -> None:
        """Wait until the search that was asked for is answered."""
        expect(self.page.locator("#found-status")).to_contain_text(" of ")
        expect(self.page.locator("#found")).not_to_have_attribute("aria-busy", "true")

    def open_settings(self) -> None:
        """Show the settings that are seldom used."""
        self.page.locator("#settings summary").click()

    @property
    def cards(self) -> Locator:
        """The matches shown."""
        return self.page.locator("#answers .card:not(.waiting)")

    def found(self, within: str = "#answers") -> list[str]:
        """File names of the matches shown, the nearest first."""
        return self.page.locator(f"{within} [data-part=file]").all_text_contents()

    def expect_focus(self, selector: str) -> None:
        """What has, or soon gets, the focus."""
        expect(self.page.locator(selector)).to_be_focused()

    def tab_to(self, selector: str, most: int = 40) -> None:
        """Press Tab until an element has the focus that matches a selector."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(to) => document.activeElement.matches(to)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached with {most} tabs")
