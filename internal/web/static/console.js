"use strict";
// Comforts of the console. Every page works without them.
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

// data-script: useful with this script only, so hidden until here.
for (const e of all("[data-script]")) e.hidden = false;

// data-copy="what it is": a button beside it copies the element's text.
for (const e of all("[data-copy]")) {
  const button = document.createElement("button");
  const label = text => { button.innerHTML = text + "<span class=unseen></span>"; button.lastChild.textContent = " " + e.dataset.copy; };
  button.type = "button";
  button.className = "quiet small";
  button.ariaLive = "polite";
  label("Copy");
  button.onclick = async () => {
    const text = e.value ?? e.textContent;
    if (e.select) e.select(); else getSelection().selectAllChildren(e);
    try { await navigator.clipboard.writeText(text); } catch { document.execCommand("copy"); }
    label("Copied");
    setTimeout(label, 2000, "Copy");
  };
  e.after(button);
}

// A form that was sent cannot be sent twice, until somebody comes back to it.
addEventListener("submit", ({ target, submitter }) => {
  if (target.method !== "post" || !submitter) return;
  setTimeout(() => { submitter.disabled = true; });
  addEventListener("pageshow", () => { submitter.disabled = false; }, { once: true });
});

// data-auto: a choice sends its form at once.
for (const e of all("[data-auto]")) e.onchange = () => e.form.requestSubmit();

// data-filter="id": only items of that list or table stay whose label, heading
// or cells have what is typed, and what such items hold or are held by.
for (const input of all("[data-filter]")) {
  const list = document.getElementById(input.dataset.filter);
  input.oninput = () => {
    const has = e => e.textContent.toLowerCase().includes(input.value.trim().toLowerCase());
    for (const e of all("li, tbody tr", list)) e.hidden = true;
    for (const e of all("label, summary, tbody th, td", list).filter(has)) {
      const item = e.closest("li, tr");
      for (const inner of all("li", item)) inner.hidden = false;
      for (let at = item; at !== list; at = at.parentElement) {
        at.hidden = false;
        if (at.matches("details")) at.open = true;
      }
    }
  };
}

// An open menu closes when somebody goes elsewhere.
const shut = e => { for (const m of all(".menu[open]")) if (e.key === "Escape" || !e.key && !m.contains(e.target)) m.open = false; };
addEventListener("click", shut);
addEventListener("keydown", shut);

// On small screens the current section is in sight.
for (const e of all(".tabs [aria-current]")) e.parentElement.scrollLeft = e.offsetLeft - 48;
