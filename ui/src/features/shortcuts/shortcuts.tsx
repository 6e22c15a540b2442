import { Fragment } from "react";

import { useReadOnly } from "../../api/read-only";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Keys } from "../../components/keys";
import { allShortcuts, keyWords } from "../../shortcuts";
import type { Group, Shortcut } from "../../shortcuts";
import { text } from "../../text";

const words = text.shortcuts;
const groups: Group[] = ["anywhere", "places", "list", "viewer"];

/** The list of shortcuts, made of the table that the handlers use. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const all = allShortcuts(useReadOnly());
  return (
    <Dialog title={words.title} body={words.body} onClose={onClose}>
      <div className="mt-4 flex flex-col gap-4">
        {groups.map((group) => (
          <section key={group} aria-label={words.groups[group]}>
            <h3 className="pb-1 text-sm font-semibold text-faint">{words.groups[group]}</h3>
            <dl className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1.5">
              {all.filter((each) => each.group === group).map((each) => (
                <Line key={each.name} shortcut={each} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 flex justify-end">
        <Button autoFocus onClick={onClose}>
          {text.common.close}
        </Button>
      </div>
    </Dialog>
  );
}

function Line({ shortcut }: { shortcut: Shortcut }) {
  return (
    <>
      <dt>{shortcut.name}</dt>
      <dd className="flex items-center justify-end gap-1.5 text-sm text-faint">
        {shortcut.keys.map((sequence, at) => (
          <Fragment key={sequence.join(" ")}>
            {at > 0 && <span className={sequence[0]?.startsWith("Arrow") === true ? "sr-only" : undefined}>{words.or}</span>}
            {sequence.map((key, index) => (
              <Fragment key={key}>
                {index > 0 && <span>{words.then}</span>}
                <Keys words={keyWords(key)} />
              </Fragment>
            ))}
          </Fragment>
        ))}
      </dd>
    </>
  );
}
