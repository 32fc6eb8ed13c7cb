// A button that copies a box of text. Without scripts the box can be selected and copied by hand.
export function startCopying() {
  for (const button of document.querySelectorAll("[data-module='gt-copy']")) {
    const box = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      box.focus();
      box.select();
      try {
        await navigator.clipboard.writeText(box.value);
        button.nextElementSibling.textContent = button.dataset.done;
      } catch {
        button.nextElementSibling.textContent = "The text is selected: copy it with your keyboard.";
      }
    });
  }
}
