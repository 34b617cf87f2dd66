"use strict";
(() => {
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const data = (figure) => JSON.parse(figure.querySelector("script").textContent);
  // Five digits that count, as the tables have them.
  const shown = (x) => {
    if (x === null || x === undefined) return "–";
    if (Number.isInteger(x) && Math.abs(x) < 1e9) return String(x);
    const digits = 4 - Math.floor(Math.log10(Math.abs(x)));
    return digits > 7 ? x.toExponential(4) : x.toFixed(Math.max(digits, 0));
  };

  const plot = (figure) => {
    const given = data(figure);
    const box = figure.querySelector(".chart");
    const reading = figure.querySelector(".reading");
    const columns = [given.at, ...given.series.map((series) => series.values)];
    if (given.decades) {
      columns.slice(1).forEach((column) => {
        column.forEach((y, i) => { if (!(y > 0)) column[i] = null; });
      });
    }
    let chart = null;
    let place = null;

    const say = (i) => {
      place = i;
      const values = given.series
        .map((series, k) => [series, columns[k + 1][i]])
        .filter(([series]) => !series.is_guide)
        .map(([series, y]) => `${series.name} ${shown(y)}`);
      reading.textContent = `${given.x} ${shown(given.at[i])}: ${values.join(", ")}`;
    };
    const labels = (self, values) => values.map((x) => {
      if (x === null) return "";
      if (x !== 0 && (Math.abs(x) >= 1e6 || Math.abs(x) < 1e-4)) return x.toExponential();
      return String(Number(x.toPrecision(6)));
    });
    // Steps between whole numbers are whole.
    const whole = given.at.every(Number.isInteger);
    const steps = [...Array(16).keys()].flatMap((n) => [1, 2, 5].map((k) => k * 10 ** n));
    const axis = (label) => ({
      label, labelSize: 24, stroke: style("--ink"), font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif", values: labels,
      grid: { stroke: style("--line"), width: 1 }, ticks: { stroke: style("--line"), width: 1 },
    });
    // Of many decades, powers of ten alone; of few, also two and five times as much.
    const tens = (self, splits) => {
      const there = splits.filter((x) => x !== null && x > 0);
      const decades = Math.log10(there[there.length - 1] / there[0]);
      const named = decades < 2 ? [1, 2, 5] : [1];
      const first = (x) => x / 10 ** Math.floor(Math.log10(x) + 1e-9);
      const is = (x) => named.includes(Number(first(x).toFixed(6)));
      return splits.map((x) => (x !== null && is(x) ? x : null));
    };
    // A curve that does not move has room around it, too.
    const range = (self, low, high) => {
      if (low === null) return [0, 1];
      if (low !== high) return uPlot.rangeNum(low, high, 0.1, true);
      const room = Math.abs(low) * 0.1 || 1;
      return [low - room, high + room];
    };
    const upright = () => {
      const plain = { ...axis(given.y), size: 64 };
      if (!given.decades) return plain;
      return { ...plain, filter: tens, grid: { ...plain.grid, filter: tens } };
    };
    const make = () => {
      if (chart) chart.destroy();
      const series = given.series.map((one, k) => {
        const colour = style(`--c${k % 8}`);
        const dots = given.dots && !one.is_guide;
        return {
          label: one.name, stroke: colour, width: dots ? 0 : 2, spanGaps: true,
          dash: one.is_guide ? [6, 4] : undefined,
          paths: dots ? () => null : undefined,
          points: { show: dots || given.at.length < 3, size: 5, fill: colour, stroke: colour },
        };
      });
      chart = new uPlot({
        width: Math.max(box.clientWidth, 200), height: 300,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false }, y: given.decades ? { distr: 3 } : { range } },
        axes: [whole ? { ...axis(given.x), incrs: steps } : axis(given.x), upright()],
        series: [{}, ...series],
        hooks: { setCursor: [(self) => {
          if (self.cursor.idx !== null && self.cursor.idx !== undefined) say(self.cursor.idx);
        }] },
      }, columns, box);
      const canvas = box.querySelector("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", box.dataset.title);
    };
    const go = (i) => {
      i = Math.min(Math.max(i, 0), given.at.length - 1);
      const first = columns.findIndex((column, k) => k > 0 && column[i] !== null);
      const top = first > 0 ? chart.valToPos(columns[first][i], "y") : 0;
      chart.setCursor({ left: chart.valToPos(given.at[i], "x"), top });
      // Where values stand closer than pixels, the cursor alone would find another.
      say(i);
    };
    box.addEventListener("keydown", (event) => {
      const last = given.at.length - 1;
      const here = place === null ? -1 : place;
      const to = {
        ArrowRight: here + 1, ArrowLeft: Math.max(here, 0) - 1, Home: 0, End: last,
        PageUp: here - 10, PageDown: here + 10,
      }[event.key];
      if (to === undefined || last < 0) return;
      event.preventDefault();
      go(to);
    });
    make();
    new ResizeObserver(() => {
      const width = Math.max(box.clientWidth, 200);
      if (chart.width !== width) chart.setSize({ width, height: 300 });
    }).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", make);
  };

  const clip = (figure) => {
    const frames = data(figure);
    const [given, became] = ["given", "became"].map((name) => figure.querySelector(`.${name}`));
    const [frame, share] = ["frame", "share"].map((name) => figure.querySelector(`input.${name}`));
    const reading = figure.querySelector(".reading");
    const show = () => {
      const i = frame ? Number(frame.value) - 1 : 0;
      if (given.getAttribute("src") !== frames[i][0]) {
        given.src = frames[i][0];
        became.src = frames[i][1];
        given.alt = `Original, frame ${i + 1}`;
        became.alt = `Decoded, frame ${i + 1}`;
      }
      reading.textContent = frames[i][2];
      if (frame) frame.setAttribute("aria-valuetext", `frame ${i + 1} of ${frames.length}`);
      figure.querySelector(".stage").style.setProperty("--at", `${share.value}%`);
      share.setAttribute("aria-valuetext", `${share.value} % of the picture is the decoded one`);
    };
    [frame, share].forEach((input) => input && input.addEventListener("input", show));
    show();
  };

  document.querySelectorAll("figure.plot").forEach(plot);
  document.querySelectorAll("figure.clip").forEach(clip);
})();
