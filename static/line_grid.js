// The grid of lines in a form: rows that come and go, keys that lead through it, one sending for a double click.
// `first` is the name of the box where a row begins; `changed` is called when a row went away.
window.lineGrid = (form, first, changed) => {
  "use strict";

  const body = form.querySelector("tbody");
  const blank = form.querySelector("template[data-line]");
  const begin = (row) => row.querySelector(`[name="${first}"]`).focus();

  function add() {
    body.append(blank.content.cloneNode(true));
    const row = body.lastElementChild;
    row.querySelector("[data-remove]").hidden = false;
    return row;
  }

  function cells() {
    return [...body.querySelectorAll('input:not([type="hidden"]), select')].filter((input) => input.offsetParent);
  }

  function step(from, back) {
    const all = cells();
    const next = all[all.indexOf(from) + (back ? -1 : 1)];
    if (next) next.focus();
    else if (!back) begin(add());
  }

  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-add]")) begin(add());
    const remove = event.target.closest("[data-remove]");
    if (!remove) return;
    const row = remove.closest("tr");
    const near = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    begin(near || add());
    changed();
  });
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    const isBox = input.matches("input, select");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("button.primary").click();
    } else if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("[data-draft]").click();
    } else if (event.key === "Enter" && isBox) {
      event.preventDefault();
      if (body.contains(input)) step(input, event.shiftKey);
      else cells()[0].focus();
    } else if (event.altKey && event.key.toLowerCase() === "n") {
      event.preventDefault();
      begin(add());
    }
  });
  // A double click sends once; the key in the form is the net under it.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });

  form.querySelectorAll("[data-add], [data-remove]").forEach((button) => { button.hidden = false; });
};
