// Keeps what is typed into a form on the server, so that a dropped connection loses nothing. Nothing is stored in the
// browser: while there is no connection the words stay on the page, and are kept as soon as it is back.
const WAIT = 1500;
const AGAIN = 10000;

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit" });
}

function watch(box) {
  const form = box.closest("form");
  const said = box.querySelector("[role='status']");
  let timer = 0;
  let unkept = false;
  let failed = false;
  let sending = false;

  async function keep() {
    clearTimeout(timer);
    unkept = false;
    try {
      const answer = await fetch(box.dataset.save, {
        method: "POST",
        body: new FormData(form),
        redirect: "error",
      });
      if (answer.status !== 204) {
        throw new Error(String(answer.status));
      }
      failed = false;
      said.textContent = `Kept at ${clock()}. You can stop and come back.`;
    } catch {
      unkept = true;
      failed = true;
      said.textContent = "We cannot keep this just now. Stay on this page: your words are here, and we keep trying.";
      timer = setTimeout(keep, AGAIN);
    }
  }

  form.addEventListener("input", () => {
    unkept = true;
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT);
  });
  // What holding.js holds back is not heard of here: it is kept on as it was.
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(timer);
  });
  addEventListener("online", () => unkept && keep());
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    if (unkept && !sending) {
      navigator.sendBeacon(box.dataset.save, new FormData(form));
    }
  });
  // Only where the words would be lost is somebody asked to stay.
  addEventListener("beforeunload", (event) => {
    if (failed && unkept && !sending) {
      event.preventDefault();
    }
  });
  addEventListener("pageshow", () => {
    sending = false;
  });
}

export function startDrafts() {
  document.querySelectorAll("[data-module='gt-draft']").forEach(watch);
}
