"use strict";
const data = JSON.parse(document.getElementById("data").textContent);

const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;
const numbers = text => new Float32Array(bytes(text));
const points = numbers(data.points), vertexLogP = numbers(data.vertexLogP);
const edges = new (data.wide ? Uint32Array : Uint16Array)(bytes(data.edges));
const lengths = Float64Array.from(numbers(data.lengths)), nodeLogP = numbers(data.nodeLogP);
const n = vertexLogP.length, m = lengths.length;
const find = id => document.getElementById(id);

// Neighbours of each vertex, row by row: the other end, and the edge's number.
const first = new Uint32Array(n + 1), other = new Uint32Array(2 * m), through = new Uint32Array(2 * m);
for (const end of edges) first[end + 1]++;
for (let v = 0; v < n; v++) first[v + 1] += first[v];
const filled = first.slice(0, n);
for (let e = 0; e < m; e++) {
  for (const [from, to] of [[edges[2 * e], edges[2 * e + 1]], [edges[2 * e + 1], edges[2 * e]]]) {
    other[filled[from]] = to; through[filled[from]++] = e;
  }
}

// The mean of c along each edge by its Gauss-Lobatto rule, times its Euclidean length. All densities are in units of
// the lam that the page begins with: p itself may not fit a number.
const unit = data.sliders.lam.start, inUnits = logP => Math.exp(logP - unit);
const vertexP = Float64Array.from(vertexLogP, inUnits), nodeP = Float64Array.from(nodeLogP, inUnits);
const weights = new Float64Array(m), atVertex = new Float64Array(n);
function weigh({logLam, logP0, power}) {
  const lam = inUnits(logLam), top = Math.max(logP0, logLam) + Math.log1p(Math.exp(-Math.abs(logP0 - logLam))) - unit;
  const most = Math.exp(top);
  const c = power === 1 ? p => most / (p + lam) : p => Math.exp(power * (top - Math.log(p + lam)));
  for (let v = 0; v < n; v++) atVertex[v] = c(vertexP[v]);
  let e = 0, at = 0;
  for (const level of data.levels) {
    const w = level.weights, inner = level.nodes - 2;
    for (const stop = e + level.edges; e < stop; e++) {
      let mean = w[0] * (atVertex[edges[2 * e]] + atVertex[edges[2 * e + 1]]);
      for (let k = 1; k <= inner; k++) mean += w[k] * c(nodeP[at++]);
      weights[e] = lengths[e] * mean;
    }
  }
}

// Dijkstra's search with a binary heap of vertices, which ends at the target. Vertices and edges of the path, or null.
const far = new Float64Array(n), back = new Int32Array(n), place = new Int32Array(n), heap = new Uint32Array(n);
function shortest(weight, source, target) {
  far.fill(Infinity); back.fill(-1); place.fill(-1);
  let size = 0;
  const put = (v, k) => { heap[k] = v; place[v] = k; };
  const rise = (v, k) => {
    for (let up; k > 0 && far[heap[up = (k - 1) >> 1]] > far[v]; k = up) put(heap[up], k);
    put(v, k);
  };
  const pop = () => {
    const least = heap[0], v = heap[--size];
    let k = 0;
    for (let down; (down = 2 * k + 1) < size; k = down) {
      if (down + 1 < size && far[heap[down + 1]] < far[heap[down]]) down++;
      if (far[heap[down]] >= far[v]) break;
      put(heap[down], k);
    }
    if (size) put(v, k);
    return least;
  };
  far[source] = 0; rise(source, size++);
  while (size) {
    const v = pop();
    if (v === target) break;
    for (let a = first[v]; a < first[v + 1]; a++) {
      const u = other[a], length = far[v] + weight[through[a]];
      if (length < far[u]) {
        const at = far[u] === Infinity ? size++ : place[u];
        far[u] = length; back[u] = a; rise(u, at);
      }
    }
  }
  if (far[target] === Infinity) return null;
  const path = {vertices: [target], edges: []};
  for (let v = target; v !== source;) {
    const e = through[back[v]];
    v = edges[2 * e] === v ? edges[2 * e + 1] : edges[2 * e];
    path.edges.push(e); path.vertices.push(v);
  }
  return path;
}

const firstNode = new Uint32Array(m + 1);
{
  let e = 0;
  for (const level of data.levels)
    for (const stop = e + level.edges; e < stop; e++) firstNode[e + 1] = firstNode[e] + level.nodes - 2;
}
const total = (path, each) => path.edges.reduce((sum, e) => sum + each[e], 0);
const lowest = path => Math.min(...path.vertices.map(v => vertexLogP[v]),
  ...path.edges.map(e => nodeLogP.subarray(firstNode[e], firstNode[e + 1]).reduce((a, b) => Math.min(a, b), Infinity)));

// The picture: the map, the graph and the points are drawn once for a size, the paths at each change.
const canvas = document.querySelector(".plane canvas"), still = document.createElement("canvas");
const [x0, x1, y0, y1] = data.map.box, left = 52, below = 44, above = 8, right = 10;
let scale = 1;
const across = x => left + (x - x0) * scale, up = y => above + (y1 - y) * scale;
const at = v => [across(points[2 * v] + data.centre[0]), up(points[2 * v + 1] + data.centre[1])];

function coloured(levels, columns, rows) {
  const image = new ImageData(columns, rows), colours = new Uint8Array(bytes(data.colours.map));
  levels.forEach((level, k) => image.data.set([...colours.subarray(3 * level, 3 * level + 3), 255], 4 * k));
  const drawn = document.createElement("canvas");
  drawn.width = columns; drawn.height = rows;
  drawn.getContext("2d").putImageData(image, 0, 0);
  return drawn;
}
const picture = coloured(new Uint8Array(bytes(data.map.levels)), data.map.columns, data.map.rows);
find("bar").getContext("2d").drawImage(coloured(Uint8Array.from({length: 256}, (_, k) => k), 256, 1), 0, 0);
find("low").textContent = "≤ " + data.map.range[0].toFixed(1).replace("-", "−");
find("high").textContent = data.map.range[1].toFixed(1).replace("-", "−");

function ticks(low, high, most) {
  const raw = (high - low) / most, ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(k => k * ten).find(k => k >= raw), found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
  return found.map(t => [t, String(+t.toPrecision(6)).replace("-", "−")]);
}

function frame() {
  const shown = canvas.parentElement.clientWidth, sharp = window.devicePixelRatio || 1;
  const room = Math.max(240, 0.8 * window.innerHeight);
  scale = Math.min((shown - left - right) / (x1 - x0), (room - above - below) / (y1 - y0));
  const width = shown, height = above + below + scale * (y1 - y0);
  for (const each of [canvas, still]) { each.width = width * sharp; each.height = height * sharp; }
  canvas.style.height = height + "px";
  const pen = still.getContext("2d");
  pen.scale(sharp, sharp);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(picture, left, above, scale * (x1 - x0), scale * (y1 - y0));
  if (find("graph").checked) {
    pen.beginPath();
    for (let e = 0; e < m; e++) { pen.moveTo(...at(edges[2 * e])); pen.lineTo(...at(edges[2 * e + 1])); }
    pen.strokeStyle = "rgba(255, 255, 255, .3)"; pen.lineWidth = .6; pen.stroke();
  }
  const size = Math.min(2.4, Math.max(.8, 60 / Math.sqrt(n)));
  pen.fillStyle = "rgba(255, 255, 255, .6)";
  for (let v = 0; v < n; v++) { pen.beginPath(); pen.arc(...at(v), size, 0, 7); pen.fill(); }
  pen.fillStyle = pen.strokeStyle = "#333"; pen.lineWidth = 1; pen.font = "13px system-ui, sans-serif";
  const bottom = up(y0);
  pen.textAlign = "center"; pen.textBaseline = "top";
  for (const [t, name] of ticks(x0, x1, scale * (x1 - x0) / 70)) {
    pen.fillRect(across(t), bottom, 1, 5); pen.fillText(name, across(t), bottom + 7);
  }
  pen.fillText("x₁ [length]", across((x0 + x1) / 2), bottom + 25);
  pen.textAlign = "right"; pen.textBaseline = "middle";
  for (const [t, name] of ticks(y0, y1, scale * (y1 - y0) / 50)) {
    pen.fillRect(left - 5, up(t), 5, 1); pen.fillText(name, left - 8, up(t));
  }
  pen.translate(11, up((y0 + y1) / 2)); pen.rotate(-Math.PI / 2); pen.textAlign = "center";
  pen.fillText("x₂ [length]", 0, 0);
}

const state = {source: data.ends[0], target: data.ends[1], geodesic: null, euclidean: null, milliseconds: 0};
function draw() {
  const pen = canvas.getContext("2d"), sharp = window.devicePixelRatio || 1;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(still, 0, 0);
  pen.scale(sharp, sharp);
  pen.lineJoin = pen.lineCap = "round";
  for (const [name, dash] of [["euclidean", [9, 6]], ["geodesic", []]]) {
    if (!state[name]) continue;
    pen.beginPath();
    state[name].vertices.forEach((v, k) => k ? pen.lineTo(...at(v)) : pen.moveTo(...at(v)));
    pen.setLineDash(dash);
    pen.strokeStyle = "#fff"; pen.lineWidth = 5.5; pen.stroke();
    pen.strokeStyle = data.colours[name]; pen.lineWidth = 3; pen.stroke();
  }
}

const slid = id => data.sliders[id].start + find(id).valueAsNumber * data.sliders[id].step;
const parameters = () => ({logLam: slid("lam"), logP0: slid("p0"), power: Math.exp(slid("power"))});
const written = value => value === 0 ? "0" : value.toPrecision(4).replace("-", "−");

function tell(name, path) {
  const cells = find(name).querySelectorAll("td");
  const told = path ? [total(path, weights), total(path, lengths), lowest(path)] : [];
  cells.forEach((cell, k) => { cell.textContent = path ? written(told[k]) : "–"; });
  find(name).dataset.length = path ? told[0] : "";
}

function redraw({weighed = true, moved = true} = {}) {
  const began = performance.now();
  if (weighed) weigh(parameters());
  if (moved) state.euclidean = shortest(lengths, state.source, state.target);
  state.geodesic = shortest(weights, state.source, state.target);
  draw();
  tell("geodesic", state.geodesic); tell("euclidean", state.euclidean);
  for (const [id, v] of [["A", state.source], ["B", state.target]]) {
    const [x, y] = at(v), button = find(id);
    button.style.left = x + "px"; button.style.top = y + "px";
    button.setAttribute("aria-label", `end ${id} of the path, vertex ${v}; the arrow keys move it`);
  }
  const {logLam, logP0, power} = parameters();
  for (const [id, value] of [["lam", logLam / Math.LN10], ["p0", logP0 / Math.LN10], ["power", power]]) {
    const text = value.toFixed(2).replace("-", "−");
    find(id + "-value").textContent = text; find(id).setAttribute("aria-valuetext", text);
  }
  find("message").textContent = state.source === state.target ? "A and B are one point: move one of them."
    : !state.geodesic ? "No path joins A and B: they lie in two components of the graph."
    : `The geodesic has ${state.geodesic.edges.length} edges; the Euclidean path is ` +
      `${written(total(state.euclidean, weights) / total(state.geodesic, weights))} times as long under the metric.`;
  state.milliseconds = performance.now() - began;
}

// The vertex nearest to a place of the picture, and the nearest one in the direction of an arrow key.
function nearest(x, y, cost = (dx, dy) => dx * dx + dy * dy) {
  let best = -1, least = Infinity;
  for (let v = 0; v < n; v++) {
    const [px, py] = at(v), far = cost(px - x, py - y);
    if (far < least) { least = far; best = v; }
  }
  return best;
}
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const move = (end, v) => { if (v >= 0 && state[end] !== v) { state[end] = v; redraw({weighed: false}); } };
const inside = event => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
let next = "source";
canvas.addEventListener("click", event => {
  move(next, nearest(...inside(event)));
  next = next === "source" ? "target" : "source";
});
for (const [id, end] of [["A", "source"], ["B", "target"]]) {
  const button = find(id);
  button.addEventListener("keydown", event => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    move(end, nearest(...at(state[end]), (dx, dy) => {
      const along = dx * way[0] + dy * way[1];
      return along > 1e-9 && along >= .5 * Math.hypot(dx, dy) ? (dx * dx + dy * dy) / along : Infinity;
    }));
  });
  button.addEventListener("pointerdown", event => button.setPointerCapture(event.pointerId));
  button.addEventListener("pointermove", event => {
    if (button.hasPointerCapture(event.pointerId)) move(end, nearest(...inside(event)));
  });
}

for (const id of ["lam", "p0", "power"]) {
  const slider = find(id);
  Object.assign(slider, {min: data.sliders[id].least, max: data.sliders[id].most, step: 1});
  slider.setAttribute("value", 0);
  slider.addEventListener("input", () => redraw({moved: false}));
}
for (const name of ["geodesic", "euclidean"]) find(name).querySelector("path").style.stroke = data.colours[name];
find("graph").addEventListener("change", () => { frame(); draw(); });
document.querySelector("form").addEventListener("reset", () => setTimeout(() => {
  [state.source, state.target] = data.ends;
  frame(); redraw();
}));
document.querySelector("form").addEventListener("submit", event => event.preventDefault());
new ResizeObserver(() => { frame(); redraw({weighed: false, moved: false}); }).observe(canvas.parentElement);
frame();
redraw();
window.live = {state, parameters};
