// what scrolls sideways can be scrolled by the keyboard too
window.addEventListener("load", () => {
  const mark = () => {
    for (const box of document.querySelectorAll("pre, .table-wrapper, .cell_output, .output, mjx-container, .sig")) {
      if (box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) box.tabIndex = 0;
    }
  };
  mark();
  window.addEventListener("resize", mark);
});

// the two landmarks of the theme are told apart
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
});
