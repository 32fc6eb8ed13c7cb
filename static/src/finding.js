// What a search gains where scripts run: the number of answers on the button before it is pressed, and "where I am".
const STEP = 0.005; // About 500 metres: no more than that ever leaves the device.
const WAIT = 250;

export function startFinding() {
  for (const form of document.querySelectorAll(".gt-narrow__form")) {
    countAsYouChoose(form);
  }
  for (const box of document.querySelectorAll("[data-module='gt-near']")) {
    offerWhereIAm(box);
  }
}

function countAsYouChoose(form) {
  const button = form.querySelector("button[type='submit'], button:not([type])");
  let timer;
  let asked = 0;
  const ask = async () => {
    const mine = asked;
    try {
      const answer = await fetch(`/search.json?${new URLSearchParams(new FormData(form))}`);
      if (!answer.ok || mine !== asked) {
        return;
      }
      const { total, relaxed } = await answer.json();
      const none = total === 0 || relaxed.length > 0;
      button.textContent = none ? "Nothing fits all of that. Show what is close" : `Show ${total} ${total === 1 ? "activity" : "activities"}`;
    } catch {
      // Without an answer the button stays as it is, and works.
    } finally {
      if (mine === asked) {
        button.removeAttribute("aria-busy");
      }
    }
  };
  form.addEventListener("change", () => {
    // Until the answer comes, the number on the button is of the choices before.
    asked += 1;
    button.setAttribute("aria-busy", "true");
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}

function offerWhereIAm(box) {
  const form = box.closest("form");
  const button = box.querySelector("button");
  const said = box.querySelector("[role='status']");
  const place = form.elements.postcode;
  if (!navigator.geolocation || !window.isSecureContext) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    said.textContent = "Asking your device where you are…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        let near = form.elements.near;
        if (!near) {
          near = document.createElement("input");
          near.type = "hidden";
          near.name = "near";
          box.append(near);
        }
        near.value = [coords.latitude, coords.longitude].map((degrees) => (Math.round(degrees / STEP) * STEP).toFixed(3)).join(",");
        place.value = "";
        form.submit();
      },
      (fault) => {
        said.textContent =
          fault.code === fault.PERMISSION_DENIED
            ? "Your device did not say where you are, and that is fine. Type a postcode or a town instead."
            : "Your device could not find where you are. Type a postcode or a town instead.";
        place.focus();
      },
      { enableHighAccuracy: false, maximumAge: 600000, timeout: 10000 },
    );
  });
}
