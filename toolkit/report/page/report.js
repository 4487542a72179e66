"use strict";
const build = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// Click a column head to sort by it; click again to reverse the order.
const number = (text) => parseFloat(text.replace("≥", "").trim().replace("−", "-"));
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const mark = head.querySelector(".mark");
    const button = build("button", { type: "button" }, ...[...head.childNodes].filter((node) => node !== mark));
    head.prepend(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const value = (row) => row.cells[column].textContent.trim();
      const last = (text) => { const found = number(text); return Number.isNaN(found) ? (rising ? Infinity : -Infinity) : found; };
      const compare = head.classList.contains("n")
        ? (a, b) => last(value(a)) - last(value(b)) || 0
        : (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
      const rows = [...table.tBodies[0].rows].sort(compare);
      table.tBodies[0].append(...(rising ? rows : rows.reverse()));
    });
  });
  // A long table shows only the rows that hold every word written above it.
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 8) continue;
  const field = build("input", { type: "search", placeholder: "Filter rows", ariaLabel: "Show only rows with these words" });
  const shown = build("output", { textContent: `${rows.length} rows` });
  const frame = table.closest(".scroll") || table;
  const box = build("div");  // one element where there was one, as in a grid
  frame.replaceWith(box);
  box.append(build("div", { className: "tools" }, field, shown), frame);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      count += !row.hidden;
    }
    shown.textContent = words.length ? `${count} of ${rows.length} rows` : `${rows.length} rows`;
  });
}

// A term shows its meaning under the pointer, with the keyboard, and at a touch.
const tip = build("div", { className: "tip", id: "tip", hidden: true });
tip.setAttribute("role", "tooltip");
document.body.append(tip);
const explain = (link) => {
  const term = document.querySelector(link.hash);
  tip.replaceChildren(build("b", { textContent: term.textContent }), term.nextElementSibling.textContent);
  tip.hidden = false;
  link.setAttribute("aria-describedby", "tip");
  const box = link.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
  const above = box.bottom + tip.offsetHeight + 8 > innerHeight && box.top > tip.offsetHeight + 8;
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${(above ? box.top - tip.offsetHeight - 6 : box.bottom + 6) + scrollY}px`;
};
const hide = () => { tip.hidden = true; };
for (const link of document.querySelectorAll(".term, .mark")) {
  link.addEventListener("mouseenter", () => explain(link));
  link.addEventListener("focus", () => explain(link));
  link.addEventListener("mouseleave", hide);
  link.addEventListener("blur", hide);
  link.addEventListener("click", (event) => { event.preventDefault(); explain(link); });
}
addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
addEventListener("resize", hide);

// The structure figure grows within its frame.
for (const frame of document.querySelectorAll("#structure .wide")) {
  const svg = frame.querySelector("svg");
  let scale = 1;
  const resize = (factor) => {
    const before = scale;
    scale = factor ? Math.min(8, Math.max(1, scale * factor)) : 1;
    svg.style.width = `${100 * scale}%`;
    frame.classList.toggle("zoomed", scale > 1);
    frame.scrollLeft = (frame.scrollLeft + frame.clientWidth / 2) * (scale / before) - frame.clientWidth / 2;
    frame.scrollTop = (frame.scrollTop + frame.clientHeight / 2) * (scale / before) - frame.clientHeight / 2;
  };
  const button = (text, label, factor) => {
    const control = build("button", { type: "button", textContent: text, ariaLabel: label });
    control.addEventListener("click", () => resize(factor));
    return control;
  };
  frame.before(build("div", { className: "tools" }, "Zoom", button("+", "larger", 2), button("−", "smaller", 0.5), button("1:1", "whole figure", 0)));
}

// Point at a cell of a structure figure to see which two channels it compares.
const data = document.getElementById("readout-data");
if (data) {
  const { channels, nmi, vi } = JSON.parse(data.textContent);
  const size = channels.length;
  const unpack = (text) => new Int16Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const values = { nmi: unpack(nmi), vi: unpack(vi) };
  const note = document.createElement("div");
  note.className = "readout";
  note.hidden = true;
  document.body.append(note);
  const line = (text, tag = "div") => Object.assign(document.createElement(tag), { textContent: text });
  for (const figure of document.querySelectorAll("#structure figure")) {
    const area = (image) => image.getAttribute("width") * image.getAttribute("height");
    const [matrix] = [...figure.querySelectorAll("image")].sort((a, b) => area(b) - area(a));
    matrix.addEventListener("mousemove", (event) => {
      const box = matrix.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * size);
      const row = Math.floor(((event.clientY - box.top) / box.height) * size);
      if (row < 0 || column < 0 || row >= size || column >= size) return;
      const at = row * size + column;
      note.replaceChildren(
        line(`NMI ${(values.nmi[at] / 100).toFixed(2)} · VI ${(values.vi[at] / 100).toFixed(2)} bits`, "b"),
        line(channels[row]),
        line(channels[column]),
      );
      note.hidden = false;
      note.style.left = `${Math.min(event.clientX + 14, innerWidth - note.offsetWidth - 8)}px`;
      note.style.top = `${Math.min(event.clientY + 14, innerHeight - note.offsetHeight - 8)}px`;
    });
    matrix.addEventListener("mouseleave", () => { note.hidden = true; });
  }
}
