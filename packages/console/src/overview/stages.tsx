import type { Overview, Stage } from "@offhook/protocol";
import { figure, span } from "../ui/words.ts";

const names: Record<Stage, string> = {
  "first-content": "Model, to the first content",
  reply: "Model, the whole reply",
  tool: "Tool, to its answer",
  delivery: "Delivery, an attempt",
};

/** How long each stage of a turn took. */
export function Stages({ overview: { stages } }: { overview: Overview }) {
  const longestMs = Math.max(1, ...stages.map(({ p99 }) => p99 ?? 0));
  return (
    <section aria-label="Stages" className="rounded-xl border border-line bg-panel">
      <h2 className="border-b border-line px-4 py-2.5 font-semibold">How long each stage took</h2>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Stages, as a table">
        <table className="w-full">
          <thead>
            <tr className="text-left text-xs text-soft">
              <th className="px-4 py-2 font-medium">Stage</th>
              <th className="px-4 py-2 text-right font-medium">Times</th>
              <th className="px-4 py-2 text-right font-medium">p50</th>
              <th className="px-4 py-2 text-right font-medium">p90</th>
              <th className="px-4 py-2 text-right font-medium">p99</th>
              <th className="w-1/3 px-4 py-2 font-medium max-md:hidden">p50, p90, p99</th>
            </tr>
          </thead>
          <tbody className="tabular">
            {stages.map(({ stage, count, p50, p90, p99 }) => (
              <tr key={stage} className="border-t border-line">
                <th scope="row" className="px-4 py-2 text-left font-medium whitespace-nowrap">
                  {names[stage]}
                </th>
                <td className="px-4 py-2 text-right text-soft">{figure(count)}</td>
                {[p50, p90, p99].map((ms, index) => (
                  <td key={["p50", "p90", "p99"][index]} className="px-4 py-2 text-right whitespace-nowrap">
                    {ms === null ? "—" : span(ms)}
                  </td>
                ))}
                <td className="px-4 py-2 max-md:hidden" aria-hidden>
                  <Bar parts={[p50, p90, p99]} longestMs={longestMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Bar({ parts, longestMs }: { parts: readonly (number | null)[]; longestMs: number }) {
  const shades = ["bg-accent", "bg-accent/55", "bg-accent/25"];
  return (
    <div className="relative h-2 rounded-full bg-sunken">
      {parts
        .map((ms, index) => ({ ms: ms ?? 0, shade: shades[index] ?? "" }))
        .toReversed()
        .map(({ ms, shade }) => (
          <span
            key={shade}
            className={`absolute inset-y-0 left-0 rounded-full ${shade}`}
            style={{ width: `${(100 * ms) / longestMs}%` }}
          />
        ))}
    </div>
  );
}
