// Reads a part of the page aloud, where the browser can: pressed again, it stops.
export function startListening() {
  const voice = window.speechSynthesis;
  if (!voice) return;
  for (const button of document.querySelectorAll("[data-module='gt-listen']")) {
    const start = button.textContent;
    const stop = () => {
      voice.cancel();
      button.textContent = start;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (voice.speaking) {
        stop();
        return;
      }
      const parts = document.getElementById(button.dataset.what).querySelectorAll("h2, p, li");
      for (const part of parts) {
        const words = new SpeechSynthesisUtterance(part.textContent.replace(/\s+/g, " ").trim());
        words.lang = document.documentElement.lang;
        voice.speak(words);
        if (part === parts[parts.length - 1]) words.addEventListener("end", stop);
      }
      button.textContent = "Stop reading";
    });
    window.addEventListener("pagehide", stop);
  }
}
