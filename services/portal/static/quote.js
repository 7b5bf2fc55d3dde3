// Lines of goods come and go without a new page; the buttons work without this too.
"use strict";

const lines = document.querySelector("[data-lines]");
const add = document.querySelector("[data-add]");

function number() {
  const all = [...lines.querySelectorAll("[data-line]")];
  all.forEach((line, index) => {
    line.querySelector("[data-number]").textContent = index + 1;
    const drop = line.querySelector(".drop");
    drop.value = index;
    drop.setAttribute("aria-label", `Remove goods ${index + 1}`);
    drop.disabled = all.length === 1;
  });
  add.disabled = all.length >= Number(lines.dataset.most);
}

// A fresh line is the last one without what was typed, what was said of it, and the names of its places.
function fresh() {
  const line = lines.querySelector("[data-line]:last-of-type").cloneNode(true);
  for (const node of line.querySelectorAll("input")) node.value = "";
  for (const node of line.querySelectorAll(".bad")) node.remove();
  for (const node of line.querySelectorAll("[id], [aria-invalid]"))
    for (const name of ["id", "aria-invalid", "aria-describedby"]) node.removeAttribute(name);
  line.querySelector("details").open = false;
  return line;
}

add.addEventListener("click", (event) => {
  event.preventDefault();
  const line = fresh();
  lines.append(line);
  number();
  line.querySelector("input").focus();
});

lines.addEventListener("click", (event) => {
  const drop = event.target.closest(".drop");
  if (!drop) return;
  event.preventDefault();
  const line = drop.closest("[data-line]");
  const next = line.nextElementSibling ?? line.previousElementSibling;
  line.remove();
  number();
  next.querySelector("input").focus();
});

number();
document.querySelector("[data-focus]")?.focus();
