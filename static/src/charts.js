// Draws the page's charts from their specifications. The table beside each says the same.
// Expressions are interpreted, not compiled, so that the page needs no permission to evaluate code.
import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const style = getComputedStyle(document.documentElement);
const accent = style.getPropertyValue("--gt-accent").trim();
const font = getComputedStyle(document.body).fontFamily;

const look = {
  background: "transparent",
  font,
  axis: { labelFontSize: 14, titleFontSize: 14, titleFontWeight: "normal", grid: true, gridColor: "#e4ded3", domainColor: "#8a8478" },
  axisX: { grid: false, labelAngle: 0, labelOverlap: true },
  bar: { color: accent },
  padding: 16,
  legend: { labelFontSize: 14, titleFontSize: 14, orient: "top" },
  line: { color: accent, strokeWidth: 3 },
  point: { color: accent, filled: true, size: 60 },
  range: { category: [accent, "#b5651d", "#5b2a5e", "#3b6ea5", "#7a7a2a"] },
  view: { stroke: null },
};

async function draw(holder) {
  const spec = JSON.parse(document.getElementById(holder.dataset.spec).textContent);
  holder.hidden = false;
  // The drawing has an inner place of its own, since it renames the element that it is given; ours says what it shows.
  const canvas = document.createElement("div");
  canvas.setAttribute("aria-hidden", "true");
  holder.append(canvas);
  const fitted = { width: "container", autosize: { type: "fit", contains: "padding" }, ...spec };
  const view = new View(parse(compile(fitted, { config: look }).spec, null, { ast: true }), {
    container: canvas,
    expr: expressionInterpreter,
    hover: false,
    renderer: "canvas",
  });
  await view.runAsync();
}

for (const holder of document.querySelectorAll("[data-module='gt-chart']")) {
  draw(holder);
}
