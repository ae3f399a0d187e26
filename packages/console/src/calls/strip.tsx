import { type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { fills } from "../ui/tone.ts";
import { span as spanWords } from "../ui/words.ts";
import { type Lane, lanes, pan, type Sight, type Span, type TimeLine, zoom } from "./time-line.ts";

type Props = { line: TimeLine; chosen: number | undefined; onChoose: (seq: number) => void };

const laneHeight = 18;
const width = 1_000;
const height = lanes.length * laneHeight;

/** The call as lanes in time. It zooms with the wheel and with + and −, moves with the arrows, and 0 shows all of it. */
export function Strip({ line, chosen, onChoose }: Props) {
  const [kept, setSight] = useState<Sight>();
  const sight = kept ?? line;
  return (
    <section
      aria-label="Time line"
      className="flex shrink-0 flex-col gap-1 border-b border-line bg-panel px-4 py-3 md:px-6"
    >
      <div className="flex items-center justify-between gap-2 text-xs text-soft">
        <span className="tabular">
          {spanWords(sight.from - line.from)} to {spanWords(sight.to - line.from)}
        </span>
        <ZoomButtons
          onZoom={(factor) => setSight(zoom(sight, line, { factor, around: middle(sight) }))}
          onAll={() => setSight(undefined)}
        />
      </div>
      <div className="flex gap-2">
        <LaneNames />
        <Field line={line} sight={sight} onSight={setSight}>
          <Grid />
          {line.spans.map((one) => (
            <Bar
              key={`${one.lane} ${one.seq}`}
              span={one}
              sight={sight}
              isChosen={one.seq === chosen}
              onChoose={onChoose}
            />
          ))}
        </Field>
      </div>
    </section>
  );
}

type FieldProps = {
  line: TimeLine;
  sight: Sight;
  onSight: (sight: Sight | undefined) => void;
  children: ReactNode;
};

/** Where the lanes are drawn and taken hold of. The list of entries beside it says the same in words. */
function Field({ line, sight, onSight, children }: FieldProps) {
  const drag = useRef<{ x: number; sight: Sight }>(undefined);
  const keys = (event: KeyboardEvent): void => {
    const next = keyed(event.key, sight, line);
    if (next === null) return;
    event.preventDefault();
    onSight(next);
  };
  const move = ({ clientX, currentTarget }: PointerEvent): void => {
    if (drag.current === undefined) return;
    const share = (drag.current.x - clientX) / currentTarget.clientWidth;
    if (Math.abs(share) > leastShare) onSight(pan(drag.current.sight, line, share));
  };
  const letGo = (): void => {
    drag.current = undefined;
  };
  return (
    <div
      role="application"
      aria-label="Time line: plus and minus zoom, arrows move, 0 shows all"
      tabIndex={0}
      onKeyDown={keys}
      onWheel={({ deltaY, ctrlKey, metaKey }) => {
        if (ctrlKey || metaKey)
          onSight(zoom(sight, line, { factor: deltaY < 0 ? 1.25 : 0.8, around: middle(sight) }));
      }}
      onPointerDown={({ clientX }) => {
        drag.current = { x: clientX, sight };
      }}
      onPointerMove={move}
      onPointerUp={letGo}
      onPointerLeave={letGo}
      className="min-w-0 flex-1 cursor-grab touch-pan-y overflow-hidden rounded-md bg-sunken active:cursor-grabbing"
    >
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className="block w-full"
        style={{ height }}
      >
        {children}
      </svg>
    </div>
  );
}

/** A pointer that moves less than this was meant to stand. */
const leastShare = 0.005;

function middle({ from, to }: Sight): number {
  return (from + to) / 2;
}

/** What a key makes of the sight; null when it means nothing here, `undefined` for all. */
function keyed(key: string, sight: Sight, whole: Sight): Sight | undefined | null {
  const around = middle(sight);
  switch (key) {
    case "+":
    case "=":
      return zoom(sight, whole, { factor: 1.5, around });
    case "-":
      return zoom(sight, whole, { factor: 1 / 1.5, around });
    case "ArrowLeft":
      return pan(sight, whole, -0.2);
    case "ArrowRight":
      return pan(sight, whole, 0.2);
    case "0":
      return undefined;
    default:
      return null;
  }
}

function ZoomButtons({ onZoom, onAll }: { onZoom: (factor: number) => void; onAll: () => void }) {
  return (
    <span className="flex gap-1">
      <Button isSmall look="quiet" aria-label="Zoom out" onClick={() => onZoom(1 / 1.5)}>
        −
      </Button>
      <Button isSmall look="quiet" aria-label="Zoom in" onClick={() => onZoom(1.5)}>
        +
      </Button>
      <Button isSmall look="quiet" onClick={onAll}>
        All
      </Button>
    </span>
  );
}

function LaneNames() {
  return (
    <div aria-hidden className="shrink-0 text-right text-tiny text-soft">
      {lanes.map((lane) => (
        <div key={lane} className="leading-none" style={{ height: laneHeight, paddingTop: 4 }}>
          {lane}
        </div>
      ))}
    </div>
  );
}

function Grid() {
  const lines = useMemo(() => Array.from({ length: 9 }, (_, index) => ((index + 1) * width) / 10), []);
  return (
    <g className="stroke-line" strokeWidth="1">
      {lines.map((x) => (
        <line key={x} x1={x} x2={x} y1={0} y2={height} vectorEffect="non-scaling-stroke" />
      ))}
    </g>
  );
}

type BarProps = {
  span: Span;
  sight: Sight;
  isChosen: boolean;
  onChoose: (seq: number) => void;
};

const leastWidth = 4;
const rowOf: Record<Lane, number> = { User: 0, Assistant: 1, Model: 2, Tools: 3, Silence: 4, Deliveries: 5 };

function Bar({ span, sight, isChosen, onChoose }: BarProps) {
  const scale = (at: number): number => ((at - sight.from) / (sight.to - sight.from)) * width;
  const [from, to] = [scale(span.from), scale(span.to)];
  if (to < -leastWidth || from > width) return null;
  return (
    <rect
      x={Math.max(from, -10)}
      y={rowOf[span.lane] * laneHeight + 4}
      width={Math.max(Math.min(to, width + 10) - Math.max(from, -10), leastWidth)}
      height={laneHeight - 8}
      className={`${fills[span.tone]} cursor-pointer ${isChosen ? "stroke-ink" : ""}`}
      strokeWidth={isChosen ? 2 : 0}
      vectorEffect="non-scaling-stroke"
      onClick={() => onChoose(span.seq)}
    >
      <title>{span.label}</title>
    </rect>
  );
}
