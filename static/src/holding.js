// A form that is sent where nothing arrives would be lost with the page: it stays, and says so. What somebody filled in is
// sent once the server has answered; a button alone has nothing to lose, and goes at once.
import { answers } from "./reach.js";

const WORDS = "You are not connected. Nothing is lost: stay on this page, and send it again when you are back.";
const SLOW = 1000;
const TYPED = "textarea, select, input:not([type='hidden'], [type='submit'], [type='button'])";

const asking = new WeakSet();
const sure = new WeakSet();

function say(form, words) {
  const there = form.querySelector(".gt-holds__words");
  if (!words) {
    there?.remove();
    return;
  }
  const said = there ?? document.createElement("p");
  said.className = "gt-holds__words gt-next";
  said.setAttribute("role", "alert");
  said.textContent = words;
  form.append(said);
}

async function sendIfItArrives(form, button) {
  asking.add(form);
  const slow = setTimeout(() => say(form, "Sending…"), SLOW);
  const arrives = await answers();
  clearTimeout(slow);
  asking.delete(form);
  say(form, arrives ? "" : WORDS);
  if (arrives) {
    sure.add(form);
    form.requestSubmit(button);
    sure.delete(form);
  }
}

// Heard before a form's own listeners (draft.js): what is held here is not sent as far as they know.
function hold(event) {
  const form = event.target;
  // The register keeps its ticks and sends them by itself. A browser without requestSubmit cannot ask first.
  const asks = form.requestSubmit && [...form.elements].some((each) => each.matches(TYPED));
  if (form.method !== "post" || form.matches(".gt-register-form") || sure.has(form) || (navigator.onLine && !asks)) {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!navigator.onLine) {
    say(form, WORDS);
  } else if (!asking.has(form)) {
    sendIfItArrives(form, event.submitter);
  }
}

export function startHolding() {
  document.addEventListener("submit", hold, { capture: true });
  window.addEventListener("online", () => {
    for (const said of document.querySelectorAll(".gt-holds__words")) {
      said.remove();
    }
  });
}
