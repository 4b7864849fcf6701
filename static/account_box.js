// Account boxes: type a code or a name. Ranked: exact code, code prefix, name prefix, word prefix, anything inside.
(() => {
  "use strict";

  const data = document.getElementById("accounts");
  if (!data) return;
  const accounts = JSON.parse(data.textContent).map((account) => ({
    ...account, label: `${account.code} ${account.name}`, lowCode: account.code.toLowerCase(), lowName: account.name.toLowerCase(),
  }));
  const list = document.createElement("ul");
  let box = null;
  let found = [];
  let active = -1;

  list.id = "account-options";
  list.className = "account-options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Accounts");
  list.hidden = true;
  document.body.append(list);

  function rank(account, text) {
    if (account.lowCode === text || account.label.toLowerCase() === text) return 0;
    if (account.lowCode.startsWith(text)) return 1;
    if (account.lowName.startsWith(text)) return 2;
    if (account.lowName.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(text))) return 3;
    return account.lowName.includes(text) || account.lowCode.includes(text) ? 4 : -1;
  }

  function search(typed) {
    const text = typed.trim().toLowerCase();
    if (!text) return accounts.slice(0, 50);
    return accounts.map((account) => [rank(account, text), account]).filter(([place]) => place >= 0)
      .sort((a, b) => a[0] - b[0]).slice(0, 50).map(([, account]) => account);
  }

  function option(account, index) {
    const item = document.createElement("li");
    item.id = `account-option-${index}`;
    item.setAttribute("role", "option");
    [["b", account.code], ["span", account.name], ["small", account.type]].forEach(([tag, text]) => {
      const part = document.createElement(tag);
      part.textContent = text;
      item.append(part);
    });
    return item;
  }

  function show(input) {
    box = input;
    found = search(input.value);
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    activate(found.length && input.value.trim() ? 0 : -1);
    const place = input.getBoundingClientRect();
    list.style.left = `${place.left + window.scrollX}px`;
    list.style.top = `${place.bottom + window.scrollY}px`;
    list.style.minWidth = `${place.width}px`;
  }

  function activate(index) {
    list.children[active]?.removeAttribute("aria-selected");
    active = index;
    const item = list.children[index];
    if (!item) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    item.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function hide() {
    list.hidden = true;
    box?.setAttribute("aria-expanded", "false");
    box?.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function choose(index) {
    const account = found[index];
    if (!account) return;
    box.value = account.label;
    box.dispatchEvent(new CustomEvent("account:chosen", { bubbles: true, detail: account }));
    hide();
  }

  function prepare(input) {
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("input[data-accounts]")) show(event.target);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[data-accounts]")) prepare(event.target);
    else hide();
  });
  document.addEventListener("focusout", (event) => {
    // Leaving a box with one clear winner takes it; what is no account stays as typed, for the server to refuse.
    if (event.target === box && !list.hidden && active >= 0 && box.value.trim()) choose(active);
    hide();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) choose([...list.children].indexOf(item));
  });
  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches?.("input[data-accounts]")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show(input);
      else activate((active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      hide();
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      choose(active);
      if (!input.closest(".line-grid")) event.preventDefault();
    }
  }, true);
  document.querySelectorAll("input[data-accounts]").forEach(prepare);
})();
