// Keeps a page up to date while somebody looks at it: asks for it again every few seconds and changes what is different,
// and nothing else, so that focus, open parts, what was typed and the place on the page stay.
"use strict";

const interval = 5000;
const patience = 10000;
const live = document.getElementById("live");

// What somebody is busy with must not move: a button about to be pressed, a field, a dialog, text being marked.
function isInUse() {
  return live.querySelector(":popover-open, button:hover, button:active") !== null
    || (document.activeElement.matches("input, select, textarea, button") && live.contains(document.activeElement))
    || !getSelection().isCollapsed;
}

function bringUpToDate(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // What a person opened stays open.
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    // What has an id is found again further on, and what stands before it is gone.
    const again = child.id ? [...old.children].find((one) => one.id === child.id) : undefined;
    if (again && place && (place === again || place.compareDocumentPosition(again) & Node.DOCUMENT_POSITION_FOLLOWING)) {
      while (place !== again) {
        const gone = place;
        place = place.nextSibling;
        gone.remove();
      }
    }
    if (place && place.nodeName === child.nodeName && (place.id ?? "") === (child.id ?? "")) {
      const next = place.nextSibling;
      bringUpToDate(place, child);
      place = next;
    } else {
      old.insertBefore(child, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

// The next answer that arrives takes this away again.
function tellOfSilence() {
  if (document.getElementById("lost")) return;
  const note = document.createElement("p");
  note.id = "lost";
  note.className = "note note-lost";
  note.setAttribute("role", "alert");
  live.prepend(note);
  note.textContent = live.dataset.lost;
}

async function look() {
  if (isLooking) return;
  isLooking = true;
  clearTimeout(timer);
  try {
    if (document.hidden || isInUse()) return;
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(patience) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    if (!answer.ok || !fresh) throw new Error(`status ${answer.status}`);
    // Meanwhile somebody may have begun.
    if (isInUse()) return;
    bringUpToDate(live, fresh);
    document.title = page.title;
  } catch {
    tellOfSilence();
  } finally {
    isLooking = false;
    timer = setTimeout(look, interval);
  }
}

let isLooking = false;
let timer = setTimeout(look, interval);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
