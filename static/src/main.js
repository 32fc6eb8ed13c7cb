// What pages gain where scripts run. Every page works without.
import {
  initButtons,
  initCharacterCounts,
  initCheckboxes,
  initErrorSummary,
  initNotificationBanners,
  initPasswordInputs,
  initRadios,
  initSkipLinks,
} from "nhsuk-frontend";
import { startCopying } from "./copy.js";
import { countLetters } from "./counting.js";
import { startDrafts } from "./draft.js";
import { startFinding } from "./finding.js";
import { startHolding } from "./holding.js";
import { startLeaving } from "./leaving.js";
import { startListening } from "./listen.js";
import { initKeeping } from "./keep.js";
import { startRegister } from "./register.js";

if (document.body.classList.contains("nhsuk-frontend-supported")) {
  initButtons();
  initCharacterCounts({ countFunction: countLetters });
  initCheckboxes();
  initErrorSummary();
  initNotificationBanners();
  initPasswordInputs();
  initRadios();
  initSkipLinks();
}

startFinding();
startDrafts();
startCopying();
startLeaving();
startHolding();
startListening();
startRegister();

for (const button of document.querySelectorAll("[data-module='gt-print']")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

initKeeping();

for (const map of document.querySelectorAll("[data-module='gt-map']")) {
  const button = map.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => showMap(map, button), { once: true });
}

async function showMap(map, button) {
  button.disabled = true;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = map.dataset.style;
  const styled = new Promise((resolve) => {
    sheet.addEventListener("load", resolve);
    sheet.addEventListener("error", resolve);
  });
  document.head.append(sheet);
  const [{ draw }] = await Promise.all([import(map.dataset.script), styled]);
  button.hidden = true;
  draw(map);
}
