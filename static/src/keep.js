// Keeping activities in this browser. Nothing of it leaves the browser but the address of the list.
const NAME = "gt-kept";
const MOST = 30;

function read() {
  try {
    const held = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(held) ? held.filter((id) => /^[0-9a-f-]{36}$/.test(id)).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function write(ids) {
  try {
    localStorage.setItem(NAME, JSON.stringify(ids));
    return true;
  } catch {
    return false;
  }
}

function address(ids) {
  return ids.length ? `/pinboard?ids=${ids.join(",")}` : "/pinboard";
}

function count() {
  const ids = read();
  for (const link of document.querySelectorAll("a[href^='/pinboard']:not([data-gone])")) {
    if (link.closest("nav")) {
      link.href = address(ids);
      link.textContent = ids.length ? `Kept (${ids.length})` : "Kept";
    }
  }
}

function show(button) {
  const held = read().includes(button.dataset.id);
  button.setAttribute("aria-pressed", String(held));
  button.querySelector(".gt-keep__word").textContent = held ? "Kept" : "Keep";
}

export function initKeeping() {
  const board = document.querySelector("[data-module='gt-board']");
  if (board) {
    const shown = board.dataset.ids ? board.dataset.ids.split(",") : [];
    const held = read();
    if (!shown.length && held.length && !location.search) {
      location.replace(address(held));
      return;
    }
    for (const link of board.querySelectorAll("[data-gone]")) {
      link.addEventListener("click", () => write(read().filter((id) => id !== link.dataset.gone)));
    }
  }
  for (const button of document.querySelectorAll("[data-module='gt-keep']")) {
    button.hidden = false;
    show(button);
    button.addEventListener("click", () => {
      const ids = read();
      const id = button.dataset.id;
      write(ids.includes(id) ? ids.filter((one) => one !== id) : [id, ...ids].slice(0, MOST));
      document.querySelectorAll("[data-module='gt-keep']").forEach(show);
      count();
    });
  }
  for (const button of document.querySelectorAll("[data-module='gt-share']")) {
    if (navigator.share) {
      button.hidden = false;
      button.addEventListener("click", () =>
        navigator.share({ title: button.dataset.title, url: button.dataset.link }).catch(() => {}),
      );
    }
  }
  count();
}
