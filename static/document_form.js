// The form of a document: rows of the grid, items that fill a row, amounts as the server reckons them.
(() => {
  "use strict";

  const form = document.getElementById("document");
  const body = form.querySelector("tbody");
  const blank = form.querySelector("template[data-line]");
  const items = new Map(JSON.parse(document.getElementById("item-data").textContent).map((item) => [item.code, item]));
  const cell = (row, name) => row.querySelector(`[name="line_${name}"]`);
  const TYPED = ["item", "description", "quantity", "unit_price", "account"];

  function recount() {
    form.dispatchEvent(new Event("recount"));
  }

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
    else if (!back) cell(add(), "item").focus();
  }

  // What the item says, where nothing was typed yet.
  function fill(row, item) {
    const values = { description: item.description, unit_price: item.price, unit: item.unit, quantity: "1" };
    Object.entries(values).forEach(([name, value]) => {
      const box = cell(row, name);
      if (box && !box.value && value) box.value = value;
    });
  }

  // The server sends the amounts of the rows that are not blank, in their order.
  function showAmounts() {
    const amounts = [...form.querySelectorAll("#totals data[data-line]")].map((found) => found.dataset.line);
    [...body.rows].forEach((row) => {
      const isTyped = TYPED.some((name) => cell(row, name).value.trim());
      row.querySelector("[data-amount]").textContent = isTyped ? amounts.shift() || "" : "";
    });
  }

  form.addEventListener("input", recount);
  form.addEventListener("change", (event) => {
    if (event.target.name === "line_item") {
      const item = items.get(event.target.value.trim());
      if (item) fill(event.target.closest("tr"), item);
    }
    recount();
  });
  form.addEventListener("account:chosen", recount);
  form.addEventListener("htmx:afterSwap", showAmounts);
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-add]")) cell(add(), "item").focus();
    const remove = event.target.closest("[data-remove]");
    if (!remove) return;
    const row = remove.closest("tr");
    const near = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    cell(near || add(), "item").focus();
    recount();
  });
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    const inGrid = body.contains(input) && input.matches("input, select");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("button.primary").click();
    } else if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("[data-draft]").click();
    } else if (event.key === "Enter" && input.matches("input, select")) {
      event.preventDefault();
      if (inGrid) step(input, event.shiftKey);
      else cells()[0].focus();
    } else if (event.altKey && event.key.toLowerCase() === "n") {
      event.preventDefault();
      cell(add(), "item").focus();
    }
  });
  // A double click sends once; the key in the form is the net under it.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });

  form.querySelectorAll("[data-add], [data-remove]").forEach((button) => { button.hidden = false; });
  (form.querySelector('[aria-invalid="true"]') || form.elements.contact).focus();
})();
