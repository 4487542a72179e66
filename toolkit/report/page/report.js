"use strict";
// Click a column head to sort by it; click again to reverse the order.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const value = (row) => row.cells[column].textContent.trim().replace("−", "-");
      const compare = head.classList.contains("n")
        ? (a, b) => (parseFloat(value(a)) || 0) - (parseFloat(value(b)) || 0)
        : (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
      const rows = [...table.tBodies[0].rows].sort(compare);
      table.tBodies[0].append(...(rising ? rows : rows.reverse()));
    });
  });
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
