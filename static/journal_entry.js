// The journal entry form: live difference in exact whole numbers, keys for the grid. The server decides.
(() => {
  "use strict";

  const form = document.getElementById("entry");
  const body = form.querySelector("tbody");
  const decimals = Number(form.dataset.decimals);

  // Amounts as fractions of BigInts: 1200/12*3 loses nothing.
  function tokens(text) {
    const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(/−/g, "-");
    const found = plain.match(/\d[\d,]*(\.\d*)?|\.\d+|[-+*/()]/g) || [];
    return found.join("") === plain ? found : null;
  }

  function number(text) {
    if (text.includes(",") && !/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) return null;
    const [whole, part = ""] = text.replace(/,/g, "").split(".");
    return [BigInt((whole || "0") + part), 10n ** BigInt(part.length)];
  }

  function evaluate(text) {
    const list = tokens(text);
    if (!list || !list.length) return null;
    let at = 0;
    const atom = () => {
      const token = list[at++];
      if (token === "(") {
        const inner = sum();
        return list[at++] === ")" ? inner : null;
      }
      if (token === "-" || token === "+") {
        const value = atom();
        return value && (token === "-" ? [-value[0], value[1]] : value);
      }
      return token && /[\d.]/.test(token) ? number(token) : null;
    };
    const product = () => {
      let left = atom();
      while (left && (list[at] === "*" || list[at] === "/")) {
        const sign = list[at++];
        const right = atom();
        if (!right || (sign === "/" && right[0] === 0n)) return null;
        left = sign === "*" ? [left[0] * right[0], left[1] * right[1]] : [left[0] * right[1], left[1] * right[0]];
      }
      return left;
    };
    const sum = () => {
      let left = product();
      while (left && (list[at] === "+" || list[at] === "-")) {
        const sign = list[at++] === "+" ? 1n : -1n;
        const right = product();
        if (!right) return null;
        left = [left[0] * right[1] + sign * right[0] * left[1], left[1] * right[1]];
      }
      return left;
    };
    const value = sum();
    return value && at === list.length ? value : null;
  }

  function rounded([top, bottom], places) {
    const scaled = top * 10n ** BigInt(places) * 2n + (top * bottom < 0n ? -bottom : bottom);
    return scaled / (bottom * 2n);
  }

  function written(units, places, grouped) {
    const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places);
    const shown = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
    return (units < 0n ? "-" : "") + shown + (places ? `.${digits.slice(-places)}` : "");
  }

  const cell = (row, name) => row.querySelector(`[name="${name}"]`);
  const rows = () => [...body.rows];

  // The row's amount in base currency; null where a rate of the day decides; undefined where nothing is typed.
  function amountOf(row, side) {
    const text = cell(row, side).value.trim();
    if (!text) return undefined;
    const value = evaluate(text);
    if (!value) return NaN;
    const currency = cell(row, "currency").value.trim();
    if (!currency || currency === form.dataset.base) return rounded(value, decimals);
    const given = cell(row, "base_amount").value.trim();
    if (given) {
      const own = evaluate(given);
      return own ? rounded(own, decimals) : NaN;
    }
    const rate = evaluate(cell(row, "rate").value);
    return rate ? rounded([value[0] * rate[0], value[1] * rate[1]], decimals) : null;
  }

  function count() {
    const totals = { debit: 0n, credit: 0n };
    let open = false;
    let typed = false;
    let unreadable = false;
    rows().forEach((row) => ["debit", "credit"].forEach((side) => {
      const amount = amountOf(row, side);
      cell(row, side).classList.toggle("unreadable", Number.isNaN(amount));
      if (amount === undefined) return;
      typed = true;
      if (amount === null) open = true;
      else if (typeof amount === "bigint") totals[side] += amount;
      else unreadable = true;
    }));
    return { ...totals, open, typed, unreadable };
  }

  function show() {
    const { debit, credit, open, typed, unreadable } = count();
    form.querySelector('[data-total="debit"]').textContent = typed ? written(debit, decimals, true) : "";
    form.querySelector('[data-total="credit"]').textContent = typed ? written(credit, decimals, true) : "";
    const difference = debit - credit;
    const output = form.querySelector("[data-difference]");
    const side = difference > 0n ? form.dataset.moreDebit : form.dataset.moreCredit;
    const text = difference ? `${written(difference < 0n ? -difference : difference, decimals, true)} ${side}` : form.dataset.balanced;
    const known = text + (open ? `, ${form.dataset.open}` : "");
    output.textContent = unreadable ? form.dataset.unreadable : typed ? known : "";
    output.classList.toggle("out", unreadable || (Boolean(difference) && !open));
    const ready = typed && !unreadable && (open || !difference);
    // A draft may be half-finished; what is posted or submitted may not.
    form.querySelectorAll("[data-balanced-only]").forEach((button) => { button.disabled = !ready; });
  }

  function fillDifference(input) {
    const before = input.value;
    input.value = "";
    const { debit, credit, open } = count();
    const missing = input.name === "debit" ? credit - debit : debit - credit;
    input.value = !open && missing > 0n ? written(missing, decimals, false) : before;
    show();
  }

  form.addEventListener("input", show);
  form.addEventListener("change", (event) => {
    const input = event.target;
    const isAmount = input.name === "debit" || input.name === "credit";
    const value = isAmount && /[-+*/(]/.test(input.value) && evaluate(input.value);
    const foreign = isAmount && cell(input.closest("tr"), "currency").value.trim();
    if (value && !foreign) input.value = written(rounded(value, decimals), decimals, false);
    show();
  });
  form.addEventListener("account:chosen", (event) => {
    const { currency } = event.detail;
    const box = cell(event.target.closest("tr"), "currency");
    if (!currency || box.value) return;
    box.value = currency;
    document.getElementById("more-columns").checked = true;
    show();
  });
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!body.contains(input)) return;
    if (event.key === "=" && (input.name === "debit" || input.name === "credit")) {
      event.preventDefault();
      fillDifference(input);
    } else if (event.key === '"' && input.name === "line_memo" && !input.value) {
      event.preventDefault();
      const above = input.closest("tr").previousElementSibling;
      input.value = (above && cell(above, "line_memo").value) || form.elements.memo.value;
    }
  });
  window.addEventListener("pageshow", show);

  window.lineGrid(form, "account", show);
  show();
  (form.querySelector('[aria-invalid="true"]') || form.elements.name || form.elements.memo).focus();
})();
