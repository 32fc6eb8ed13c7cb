// A quick way out: the page is covered at once, the next page takes its place in the history, and three presses of
// Shift within five seconds do the same as the button.
const PRESSES = 3;
const WITHIN = 5000;

export function startLeaving() {
  const button = document.querySelector("[data-module='gt-leave']");
  if (!button) {
    return;
  }
  const said = button.parentElement.querySelector("[role='status']");
  let presses = 0;
  let timer;

  const leave = () => {
    document.title = "Loading";
    document.body.classList.add("gt-left");
    window.location.replace(button.href);
  };

  button.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || event.repeat) {
      presses = event.key === "Shift" ? presses : 0;
      return;
    }
    presses += 1;
    clearTimeout(timer);
    if (presses >= PRESSES) {
      leave();
      return;
    }
    const left = PRESSES - presses;
    said.textContent = `Shift: press ${left} more ${left === 1 ? "time" : "times"} to leave.`;
    timer = setTimeout(() => {
      presses = 0;
      said.textContent = "";
    }, WITHIN);
  });
  // Coming back shows the page again, not its cover.
  window.addEventListener("pageshow", () => document.body.classList.remove("gt-left"));
}
