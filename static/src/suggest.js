// Suggestions while somebody types what would help. Without scripts the box is a plain one, and works.
import accessibleAutocomplete from "accessible-autocomplete";

const WAIT = 120;
const LONGEST = 60;
const known = new Map();

for (const box of document.querySelectorAll("form[role='search'] input[name='q'][type='text'], form[role='search'] input[name='q']:not([type])")) {
  suggestFor(box);
}

function suggestFor(box) {
  const form = box.form;
  const holder = document.createElement("div");
  holder.className = "gt-suggest";
  const hint = document.getElementById(box.getAttribute("aria-describedby") ?? "");
  const menu = `${box.id}-suggestions`;
  box.replaceWith(holder);
  accessibleAutocomplete({
    element: holder,
    id: box.id,
    name: box.name,
    defaultValue: box.value,
    minLength: 2,
    confirmOnBlur: false,
    showNoOptionsFound: false,
    inputClasses: "nhsuk-input",
    menuAttributes: { "aria-label": "Suggestions", id: menu },
    tAssistiveHint: () => `${hint ? `${hint.textContent.trim()}. ` : ""}When there are suggestions, use the up and down arrows to go through them.`,
    source: later(ask),
    templates: {
      inputValue: (one) => one?.text ?? "",
      suggestion: (one) => (typeof one === "string" ? safe(one) : `${safe(one.text)} <span class="gt-suggest__kind">${safe(one.kind)}</span>`),
    },
    onConfirm: (one) => {
      if (one) {
        location.assign(one.url);
      }
    },
  });
  const input = holder.querySelector("input");
  input.maxLength = 200;
  input.setAttribute("autocapitalize", "none");
  // The menu is closed by Enter where nothing in it is chosen; the search is then sent as it was typed.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !holder.querySelector("[role='option'][aria-selected='true']")) {
      form.requestSubmit();
    }
  });
}

async function ask(typed, show) {
  const text = typed.trim().toLowerCase().slice(0, LONGEST);
  try {
    if (!known.has(text)) {
      const answer = await fetch(`/suggest.json?${new URLSearchParams({ q: text })}`);
      if (!answer.ok) {
        return;
      }
      known.set(text, (await answer.json()).items);
    }
    show(known.get(text));
  } catch {
    // Without an answer there is nothing to suggest, and the box works.
  }
}

function later(work) {
  let timer;
  return (typed, show) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(typed, show), WAIT);
  };
}

function safe(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}
