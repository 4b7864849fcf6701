// The little that pages do by themselves. Everything works without it, only slower.
(() => {
  "use strict";

  const jump = document.getElementById("jump");
  const links = [...document.querySelectorAll(".menu li a")];

  function matches(link, words) {
    const text = link.textContent.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  function narrow() {
    const words = jump.value.toLowerCase().split(/\s+/).filter(Boolean);
    links.forEach((link) => { link.parentElement.hidden = !matches(link, words); });
  }

  function setUpJump() {
    jump.parentElement.hidden = false;
    jump.addEventListener("input", narrow);
    jump.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        jump.value = "";
        narrow();
        jump.blur();
      }
      const first = links.find((link) => !link.parentElement.hidden);
      if (event.key === "Enter" && jump.value.trim() && first) first.click();
    });
  }

  function typing(target) {
    return target.closest("input, select, textarea, [contenteditable]");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const search = document.querySelector("main input[type=search]") || jump;
    if (!search) return;
    event.preventDefault();
    const fold = document.querySelector(".fold");
    if (fold) fold.open = true;
    search.focus();
  });

  // A form with data-confirm asks before it is sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const dialog = document.getElementById("confirm");
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!question || !dialog || form.confirmed) return;
    event.preventDefault();
    document.getElementById("confirm-text").textContent = question;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      form.confirmed = true;
      form.requestSubmit(event.submitter);
      form.confirmed = false;
    }, { once: true });
    dialog.showModal();
  });

  // A row with data-href opens as a whole; its own link stays the way for keyboards.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, select, label, summary")) return;
    if (String(window.getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href);
    else window.location.assign(row.dataset.href);
  });

  // An open switcher or menu closes when the person turns elsewhere.
  document.addEventListener("click", (event) => {
    document.querySelectorAll(".switcher[open], .more-acts[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // The box in a table's head ticks all of its rows.
  document.querySelectorAll("input[data-all]").forEach((all) => {
    const boxes = [...all.form.elements].filter((box) => box.name === all.dataset.all && box.type === "checkbox");
    all.hidden = false;
    all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
    all.form.addEventListener("change", () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    });
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  if (jump) setUpJump();
  document.querySelector(".message.error[tabindex]")?.focus();
})();
