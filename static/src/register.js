// Who came, on a phone that may lose its connection: ticks stay in this tab until the server has them, and are sent by
// themselves once it answers. Only numbers and ticks are kept, no name, and nothing once they are saved.
import { answers } from "./reach.js";

const AGAIN_AFTER = 10_000;

function ticks(form) {
  // Whoever did not come brought nobody.
  const came = (id) => form.querySelector(`[id="came-${id.slice(5)}-came"]`)?.checked;
  return [...form.querySelectorAll("input:checked")]
    .map((box) => box.id)
    .filter((id) => !id.startsWith("with-") || came(id))
    .sort();
}

function keep(key, ids) {
  try {
    sessionStorage.setItem(key, JSON.stringify(ids));
  } catch {
    // A browser that keeps nothing still has the page.
  }
}

function kept(key) {
  try {
    const ids = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return Array.isArray(ids) ? ids : null;
  } catch {
    return null;
  }
}

export function startRegister() {
  const form = document.querySelector("form.gt-register-form");
  if (!form) {
    return;
  }
  const said = form.querySelector("[role='status']");
  const key = `gt-register ${location.pathname} ${form.elements.on.value}`;
  const shown = JSON.stringify(ticks(form));
  const before = kept(key);
  let waiting = false;

  const say = (text) => {
    said.textContent = text;
    said.classList.toggle("gt-next", Boolean(text));
  };
  if (before && JSON.stringify(before) === shown) {
    sessionStorage.removeItem(key);
  } else if (before) {
    for (const id of before) {
      const box = document.getElementById(id);
      if (box && form.contains(box)) {
        box.checked = true;
      }
    }
    say("We put back what you ticked before. It is not saved yet: press Save.");
  }

  const send = async () => {
    if (await answers()) {
      waiting = false;
      form.submit();
      return;
    }
    waiting = true;
    say("No connection. Your ticks are safe on this phone. Leave this page open: we send them once you are connected.");
  };
  form.addEventListener("change", () => keep(key, ticks(form)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(key, ticks(form));
    send();
  });
  window.addEventListener("online", () => waiting && send());
  setInterval(() => waiting && send(), AGAIN_AFTER);
}
