import { useRef } from "react";

import type { DownloadActions } from "../../api/downloads";
import { Changing, useReadOnly } from "../../api/read-only";
import type { Download } from "../../bindings/Download";
import type { Hours } from "../../bindings/Hours";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { LongList } from "../../components/long-list";
import type { LongListHandle } from "../../components/long-list";
import { useDragOrder } from "../../components/use-drag-order";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { Row } from "./row";
import { can } from "./state";

const words = text.downloads;

export const ids = (downloads: readonly Download[]) => downloads.map((download) => download.id);

/** What is still to come, in the order in which it comes: by dragging, by buttons, or with Alt and an arrow. */
export function Queue({
  queue,
  scroller,
  hours,
  actions,
  onCancel,
}: {
  queue: readonly Download[];
  scroller: HTMLElement | null;
  hours: Hours | null;
  actions: DownloadActions;
  onCancel: (some: readonly Download[]) => void;
}) {
  const readOnly = useReadOnly();
  const list = useRef<LongListHandle>(null);
  const move = (from: number, to: number) => {
    const moved = queue[from];
    if (moved === undefined || to === from || to < 0 || to >= queue.length) return;
    const others = queue.filter((download) => download !== moved);
    actions.move(moved.id, others[to]?.id ?? null, () => announce(words.putBack(visible(moved.title))));
    announce(words.moved(moved.title, to + 1, queue.length));
    // A row that is moved in the document loses the focus.
    const button = document.activeElement?.id;
    if (button !== undefined && button !== "") requestAnimationFrame(() => document.getElementById(button)?.focus());
  };
  const { dragged, start, shiftOf } = useDragOrder(list, ids(queue), move);
  const toPause = queue.filter(can.pause);
  const toResume = queue.filter(can.resume);
  const toCancel = queue.filter(can.cancel);
  return (
    <section aria-label={words.queue}>
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <h2 className="mr-auto font-semibold">{words.queue}</h2>
        <Changing>
          {toResume.length > 0 && (
            <Button small onClick={() => actions.resume(ids(toResume))}>
              {words.resumeAll}
            </Button>
          )}
          {toPause.length > 0 && (
            <Button small onClick={() => actions.pause(ids(toPause))}>
              {words.pauseAll}
            </Button>
          )}
          {toCancel.length > 1 && (
            <Button small look="quiet" onClick={() => onCancel(toCancel)}>
              {words.cancelAll}
            </Button>
          )}
        </Changing>
      </div>
      <LongList
        as="ol"
        ref={list}
        items={queue}
        scroller={scroller}
        usualHeight={97}
        keep={dragged}
        shiftOf={shiftOf}
        row={(download, index) => (
          <Row
            download={download}
            hours={hours}
            actions={actions}
            onCancel={() => onCancel([download])}
            order={
              queue.length === 1 || readOnly
                ? null
                : {
                    first: index === 0,
                    last: index === queue.length - 1,
                    dragged: dragged === download.id,
                    onMove: (step) => move(index, index + step),
                    onGrab: start(index),
                  }
            }
          />
        )}
      />
    </section>
  );
}
