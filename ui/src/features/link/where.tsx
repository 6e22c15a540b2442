/**
 * Where the site shows the code: numbered words, each with a picture of what to look for. Drawn here, in the page's own
 * colours: the site's look changes, and what has to be found is only where a sign is and what a button is called.
 */
import { useId } from "react";
import type { ReactNode } from "react";

import type { LinkSite } from "../../bindings/LinkSite";
import { text } from "../../text";

const words = text.link.where;
const { drawn } = words;

export function Where({ site }: { site: LinkSite }) {
  const id = useId();
  const pictures = [<Top key="top" site={site} />, <Machine key="machine" />, <Code key="code" />];
  return (
    <div role="group" aria-labelledby={id} className="mt-1 rounded-lg border border-line bg-bg px-3.5 py-3">
      <h4 id={id} className="font-medium">
        {words.title}
      </h4>
      <ol className="mt-2 grid grid-cols-3 gap-x-4 gap-y-4 phone:grid-cols-1">
        {words.steps(site).map((step, index) => (
          <li key={step.words} className="flex flex-col gap-2">
            <Picture label={step.picture}>{pictures[index]}</Picture>
            <p className="flex gap-2 text-sm text-dim">
              <span aria-hidden className="font-semibold text-text tabular-nums">
                {index + 1}
              </span>
              {step.words}
            </p>
          </li>
        ))}
      </ol>
      <p className="mt-3 text-sm text-dim">{words.again}</p>
    </div>
  );
}

function Picture({ label, children }: { label: string; children: ReactNode }) {
  return (
    <svg role="img" aria-label={label} viewBox="0 0 176 104" className="w-full max-w-60 font-sans">
      <rect x="0.5" y="0.5" width="175" height="103" rx="7" className="fill-panel stroke-line2" />
      {children}
    </svg>
  );
}

/** The link sign in the site's bar, and the window below it. */
function Top({ site }: { site: LinkSite }) {
  return (
    <>
      <path d="M1 20.5h174M1 42.5h174" className="stroke-line" />
      {[9, 16, 23].map((x) => (
        <circle key={x} cx={x} cy="11" r="2" className="fill-line2" />
      ))}
      <rect x="34" y="5" width="108" height="11" rx="5.5" className="fill-raised stroke-line" />
      <text x="41" y="13.2" fontSize="7.5" className="fill-dim">
        {text.link.site(site)}
      </text>
      <rect x="8" y="27" width="15" height="10" rx="3" className="fill-line2" />
      <rect x="30" y="27" width="72" height="10" rx="5" className="fill-raised stroke-line" />
      <circle cx="160" cy="31.5" r="5" className="fill-line2" />
      <circle cx="139" cy="31.5" r="9" strokeWidth="1.6" className="fill-wash stroke-accent" />
      <Chain x={133.5} y={26} />
      <rect x="60" y="49" width="104" height="48" rx="5" className="fill-raised stroke-line2" />
      <path d="M133 49l6-5 6 5" className="fill-raised stroke-line2" />
      <Line x={68} y={58} width={46} />
      <Line x={68} y={66} width={66} />
      <rect x="68" y="76" width="88" height="15" rx="4" className="fill-accent-strong" />
      <text x="112" y="86.4" fontSize="8" fontWeight="600" textAnchor="middle" className="fill-accent-ink">
        {drawn.start}
      </text>
    </>
  );
}

/** The way round for who does not sign in from ComfyUI. */
function Machine() {
  return (
    <>
      <Steps at={2} />
      <Line x={14} y={29} width={74} />
      <Line x={14} y={37} width={110} />
      <rect x="12.5" y="47.5" width="151" height="47" rx="5" className="fill-raised stroke-line2" />
      <text x="20" y="59" fontSize="8" fontWeight="600" className="fill-text">
        {drawn.machine}
      </text>
      <Line x={20} y={65} width={96} />
      <rect x="20" y="75" width="92" height="14" rx="4" strokeWidth="1.6" className="fill-wash stroke-accent" />
      <text x="66" y="84.7" fontSize="8" fontWeight="600" textAnchor="middle" className="fill-text">
        {drawn.use}
      </text>
    </>
  );
}

function Code() {
  return (
    <>
      <Steps at={3} />
      <text x="88" y="38" fontSize="8.5" fontWeight="600" textAnchor="middle" className="fill-text">
        {drawn.pair}
      </text>
      <rect x="43" y="49" width="90" height="27" rx="5" strokeWidth="1.6" className="fill-wash stroke-accent" />
      <text x="88" y="67.5" fontSize="15" fontWeight="600" letterSpacing="2" textAnchor="middle" className="fill-text font-mono">
        {drawn.code}
      </text>
      <Line x={52} y={85} width={72} />
    </>
  );
}

/** How far the site's set-up is. */
function Steps({ at }: { at: number }) {
  return [1, 2, 3].map((step) => (
    <rect key={step} x={14 + (step - 1) * 51} y="12" width="46" height="4" rx="2" className={step <= at ? "fill-accent" : "fill-line2"} />
  ));
}

/** Words that do not matter. */
function Line({ x, y, width }: { x: number; y: number; width: number }) {
  return <rect x={x} y={y} width={width} height="4" rx="2" className="fill-line2" />;
}

function Chain({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y}) scale(0.46)`} strokeWidth="2.6" strokeLinecap="round" className="fill-transparent stroke-accent">
      <path d="M10 13a5 5 0 0 0 7.5.5l3-3a5 5 0 0 0-7-7l-1.700 1.700" />
      <path d="M14 11a5 5 0 0 0-7.500-.5l-3 3a5 5 0 0 0 7 7l1.700-1.700" />
    </g>
  );
}
