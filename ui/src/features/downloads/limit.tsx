import { Gauge } from "lucide-react";
import { useId, useRef, useState } from "react";

import type { Download } from "../../bindings/Download";
import { Button, IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { Dialog } from "../../components/dialog";
import { Menu, MenuChoice, MenuItem, MenuLine } from "../../components/menu";
import { text } from "../../text";

const words = text.downloads.limit;
const mib = 1024 ** 2;
const usual = [1, 5, 20].map((rate) => rate * mib);
const most = 10_000 * mib;

/** How fast one download may be: as all of them, one of a few speeds, or any other. */
export function Limit({ download, onLimit }: { download: Download; onLimit: (limit: number | null) => void }) {
  const { title, limit } = download;
  const [other, setOther] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const rates = [...new Set(limit === null ? usual : [...usual, limit])].sort((a, b) => a - b);
  return (
    <>
      <Menu
        label={words.label(title)}
        align="end"
        trigger={
          <IconButton ref={button} small label={words.label(title)} className={cx(limit !== null && "text-accent!")}>
            <Gauge aria-hidden size={13} />
          </IconButton>
        }
      >
        <MenuChoice
          value={String(limit ?? 0)}
          options={[{ value: "0", label: words.none }, ...rates.map((rate) => ({ value: String(rate), label: words.rate(rate) }))]}
          onChange={(value) => onLimit(value === "0" ? null : Number(value))}
        />
        <MenuLine />
        <MenuItem onChoose={() => setOther(true)}>{words.other}</MenuItem>
      </Menu>
      {other && (
        <Other
          title={title}
          limit={limit}
          onClose={() => {
            setOther(false);
            // The menu it was opened from is gone.
            requestAnimationFrame(() => button.current?.focus());
          }}
          onLimit={onLimit}
        />
      )}
    </>
  );
}

function Other({ title, limit, onClose, onLimit }: { title: string; limit: number | null; onClose: () => void; onLimit: (limit: number) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(limit === null ? "" : String(Number((limit / mib).toFixed(2))));
  const rate = Math.round(Number(typed) * mib);
  const good = rate > 0 && rate <= most;
  return (
    <Dialog title={words.label(title)} body={words.hint} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!good) return;
          onLimit(rate);
          onClose();
        }}
      >
        <p className="mt-4 flex items-center gap-2">
          <input
            id={id}
            type="number"
            min={0.1}
            max={most / mib}
            step="any"
            required
            autoFocus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="h-8 w-28 rounded-lg border border-line2 bg-raised px-3 tabular-nums"
          />
          <label htmlFor={id} className="text-dim">
            {words.unit}
          </label>
        </p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={!good}>
            {words.set}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
