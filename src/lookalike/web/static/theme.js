// Light or dark: the system's choice until the reader makes one, which is kept.
// A plain script in the head, so that the page is never painted in the wrong colours first.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is blocked: the choice lasts as long as the page
    }
  }

  function keep(theme) {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // as above
    }
  }

  const present = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

  function label(button) {
    const other = present() === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Switch to the ${other} theme`);
    button.title = `Switch to the ${other} theme`;
    button.querySelector("use").setAttribute("href", `#icon-${other}`);
  }

  const chosen = kept();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    label(button);
    system.addEventListener("change", () => label(button));
    button.addEventListener("click", () => {
      root.dataset.theme = present() === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      label(button);
    });
  });
})();
