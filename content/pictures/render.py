"""Draw the PNG beside each SVG, 720 pixels wide, with the Chromium that the browser tests use.

python content/pictures/render.py
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WIDTH, HEIGHT = 720, 960


def main() -> None:
    """Render every picture."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for source in sorted(HERE.glob("*.svg")):
            page.set_content(f"<style>body{{margin:0}}</style>{source.read_text(encoding='utf-8')}")
            page.screenshot(path=source.with_suffix(".png"))
        browser.close()


if __name__ == "__main__":
    main()
