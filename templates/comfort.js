// Comforts that pages do without: a countdown, a button that copies, one that prints, one that shows a password, forms
// that are sent once.
// Every word it shows stands in the page, in data attributes.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  // Browsers have a clipboard for https and loopback only.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const answer = button.parentElement.querySelector("output");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      answer.value = button.dataset.copied;
    } catch {
      answer.value = button.dataset.failed;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const show = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : show;
  });
  // Sent as a password, so that browsers do not remember it as a text.
  field.form.addEventListener("submit", () => { field.type = "password"; });
}

// A second click on the way sends nothing: a code counts once, and the page that says so would hide the first answer.
const onTheirWay = new Set();
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (onTheirWay.has(form)) event.preventDefault();
    onTheirWay.add(form);
    // Somebody may have stopped it; no form stays dead for that.
    setTimeout(() => onTheirWay.delete(form), 10000);
  });
}
// Browsers keep a page that one goes back to as it was.
window.addEventListener("pageshow", () => onTheirWay.clear());

// What one waits for holds back the form it stands in, and no other. Said outright, because Firefox keeps a button as it
// was when a page is loaded again.
for (const button of document.querySelectorAll("[data-waits]")) {
  button.disabled = button.form.querySelector("[data-countdown]") !== null;
}

for (const countdown of document.querySelectorAll("[data-countdown]")) {
  const end = Date.now() + Number(countdown.dataset.countdown) * 1000;
  // Seen each second, but told to screen readers only at the end.
  const left = document.createElement("span");
  left.className = "left";
  left.ariaHidden = "true";
  countdown.append(left);
  countdown.setAttribute("role", "status");

  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds > 0) {
      const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
      if (parts[0] === 0) parts.shift();
      const clock = parts.map((part, index) => index ? String(part).padStart(2, "0") : part).join(":");
      left.textContent = `${countdown.dataset.left} ${clock}`;
      return;
    }
    clearInterval(timer);
    countdown.textContent = countdown.dataset.over;
    countdown.classList.add("note-good");
    for (const button of countdown.closest("form").querySelectorAll("[data-waits]")) button.disabled = false;
  };
  const timer = setInterval(tick, 250);
  tick();
}
