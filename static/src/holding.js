// A form that is sent where there is no connection would be lost with the page: it stays, and says so. A form that sends
// or keeps itself (register.js, draft.js) has answered for itself before this hears of it.
const WORDS = "You are not connected. Nothing is lost: stay on this page, and send it again when you are back.";

export function startHolding() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (navigator.onLine || event.defaultPrevented || form.method !== "post") {
      return;
    }
    event.preventDefault();
    if (!form.querySelector(".gt-holds__words")) {
      const said = document.createElement("p");
      said.className = "gt-holds__words gt-next";
      said.setAttribute("role", "alert");
      said.textContent = WORDS;
      form.append(said);
    }
  });
  window.addEventListener("online", () => {
    for (const said of document.querySelectorAll(".gt-holds__words")) {
      said.remove();
    }
  });
}
