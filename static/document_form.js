// The form of a document: rows of the grid, items that fill a row, amounts as the server reckons them.
(() => {
  "use strict";

  const form = document.getElementById("document");
  const body = form.querySelector("tbody");
  const items = new Map(JSON.parse(document.getElementById("item-data").textContent).map((item) => [item.code, item]));
  const cell = (row, name) => row.querySelector(`[name="line_${name}"]`);
  const TYPED = ["item", "description", "quantity", "unit_price", "account"];

  function recount() {
    form.dispatchEvent(new Event("recount"));
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
  window.lineGrid(form, "line_item", recount);
  (form.querySelector('[aria-invalid="true"]') || form.elements.contact).focus();
})();
