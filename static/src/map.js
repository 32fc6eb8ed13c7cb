// The map, loaded when its button is pressed. It says nothing that the list beside it does not.
import * as L from "leaflet";

function words(point) {
  const box = document.createElement("div");
  const name = document.createElement(point.href ? "a" : "strong");
  name.textContent = point.name;
  if (point.href) {
    name.href = point.href;
  }
  box.append(name);
  if (point.text) {
    const text = document.createElement("p");
    text.textContent = point.text;
    box.append(text);
  }
  return box;
}

export function draw(holder) {
  const points = JSON.parse(holder.dataset.points);
  const canvas = holder.querySelector(".gt-map__canvas");
  canvas.hidden = false;
  const map = L.map(canvas, { scrollWheelZoom: false });
  // Where a marker stands can be asked only after the map knows its bounds.
  map.fitBounds(L.latLngBounds(points.map((point) => [point.lat, point.lon])).pad(0.2), { maxZoom: 15 });
  L.tileLayer(holder.dataset.tiles, { attribution: holder.dataset.attribution, maxZoom: 18 }).addTo(map);
  points.forEach((point, index) => {
    const icon = L.divIcon({ className: "gt-pin", html: "", iconAnchor: [0, 32], iconSize: [32, 32], popupAnchor: [16, -32] });
    const number = point.number ?? index + 1;
    const marker = L.marker([point.lat, point.lon], { icon, title: point.name, alt: `${number}: ${point.name}` });
    marker.bindPopup(words(point)).addTo(map);
    marker.getElement().textContent = String(number);
  });
  canvas.tabIndex = -1;
  canvas.focus();
}
