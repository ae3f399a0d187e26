import type { Overview } from "@offhook/protocol";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { bars, type Tone } from "../ui/tone.ts";
import { figure, minute } from "../ui/words.ts";
import "uplot/dist/uPlot.min.css";

type Series = { name: string; tone: Tone; counts: readonly number[] };
type Props = { title: string; overview: Overview; series: readonly Series[] };

const height = 180;

/** Counts over time. What it shows is said in the sums beside its title. */
export function Plot({ title, overview, series }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = dataOf(overview, series);
  // One text, so that the plot is made anew only when its colours change.
  const colours = series.map(({ tone }) => tone).join(" ");
  useEffect(() => {
    const place = box.current;
    if (place === null) return undefined;
    const made = new uPlot(
      optionsOf(place, colours.split(" ")),
      [[], ...colours.split(" ").map(() => [])],
      place,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height }));
    watch.observe(place);
    const stopColours = onColours(() => made.redraw(false, true));
    return () => {
      watch.disconnect();
      stopColours();
      made.destroy();
    };
  }, [colours]);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <section aria-label={title} className="min-w-0 rounded-xl border border-line bg-panel p-4">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">{title}</h2>
        <ul className="flex flex-wrap gap-x-3 text-xs text-soft">
          {series.map(({ name, tone, counts }) => (
            <li key={name} className="flex items-center gap-1.5">
              <span aria-hidden className={`size-2 rounded-full ${bars[tone]}`} />
              <span className="tabular">{figure(counts.reduce((sum, one) => sum + one, 0))}</span> {name}
            </li>
          ))}
        </ul>
      </div>
      <div ref={box} aria-hidden style={{ height }} />
    </section>
  );
}

/** The counts by when their part of the period began; its end closes the last one. */
function dataOf({ from, to, bucketMs }: Overview, series: readonly Series[]): uPlot.AlignedData {
  const [first] = series;
  const times = (first?.counts ?? []).map((_, place) => (from + place * bucketMs) / 1_000);
  return [[...times, to / 1_000], ...series.map(({ counts }) => [...counts, null])];
}

function optionsOf(place: HTMLElement, colours: readonly string[]): uPlot.Options {
  const colour = (name: string) => (): string => getComputedStyle(place).getPropertyValue(`--color-${name}`);
  const axis: uPlot.Axis = {
    stroke: () => resolved(place, colour("soft")()),
    grid: { stroke: () => resolved(place, colour("line")()), width: 1 },
    ticks: { show: false },
    font: "11px system-ui",
  };
  return {
    width: place.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    axes: [
      { ...axis, size: 24, values: (_, splits) => splits.map((seconds) => minute(seconds * 1_000)) },
      { ...axis, size: 36 },
    ],
    scales: { y: { range: (_, _min, max) => [0, Math.max(4, max * 1.1)] } },
    series: [{}, ...colours.map((name) => barsOf(() => resolved(place, colour(name)())))],
  };
}

function barsOf(colour: () => string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.8], align: 1 });
  return {
    stroke: colour,
    fill: colour,
    width: 0,
    points: { show: false },
    ...(paths === undefined ? {} : { paths }),
  };
}

/** A canvas knows no `light-dark()`: the colour as it is in this place now. */
function resolved(place: HTMLElement, value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  place.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Tells when the page turns light or dark. */
function onColours(act: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const theme = new MutationObserver(act);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", act);
  return () => {
    theme.disconnect();
    system.removeEventListener("change", act);
  };
}
