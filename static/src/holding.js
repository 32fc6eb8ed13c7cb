// A form that is sent where there is no connection would be lost with the page: it stays, and says so.
const WORDS = "You are not connected. Nothing is lost: stay on this page, and send it again when you are back.";

export function startHolding() {
  for (const form of document.querySelectorAll("form.gt-holds")) {
    form.addEventListener("submit", (event) => {
      if (navigator.onLine) {
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!form.querySelector(".gt-holds__words")) {
        const said = document.createElement("p");
        said.className = "gt-holds__words gt-next";
        said.setAttribute("role", "alert");
        said.textContent = WORDS;
        form.append(said);
      }
    });
  }
  window.addEventListener("online", () => {
    for (const said of document.querySelectorAll(".gt-holds__words")) {
      said.remove();
    }
  });
}
