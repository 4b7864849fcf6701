// The form of a payment: shares the amount out over what is open, in exact whole numbers. The server decides.
(() => {
  "use strict";

  const form = document.getElementById("payment");
  const fill = form.querySelector("[data-fill]");
  const left = form.querySelector("[data-left]");
  if (!fill) return;
  const PLACES = 6;

  // An amount in millionths; null where it cannot be read here.
  function units(text) {
    const plain = text.replace(/[\s,\u00a0\u202f]/g, "");
    if (!/^\d+(\.\d{1,6})?$/.test(plain)) return null;
    const [whole, part = ""] = plain.split(".");
    return BigInt(whole + part.padEnd(PLACES, "0"));
  }

  function written(value) {
    const digits = value.toString().padStart(PLACES + 1, "0");
    const part = digits.slice(-PLACES).replace(/0+$/, "").padEnd(2, "0");
    return `${digits.slice(0, -PLACES)}.${part}`;
  }

  const rows = () => [...form.querySelectorAll("tr[data-open]")];
  const pays = (row) => row.querySelector("[data-pays]");

  function show() {
    const amount = units(form.elements.amount.value);
    const used = rows().reduce((sum, row) => sum + (units(pays(row).value) || 0n), 0n);
    left.textContent = amount !== null && amount > used ? `${written(amount - used)}` : "";
  }

  fill.hidden = false;
  fill.addEventListener("click", () => {
    let rest = units(form.elements.amount.value) || 0n;
    rows().forEach((row) => {
      const open = units(row.dataset.open) || 0n;
      const taken = rest < open ? rest : open;
      pays(row).value = taken ? written(taken) : "";
      rest -= taken;
    });
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; show(); });
})();
