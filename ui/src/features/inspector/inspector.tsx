import { ArrowLeft, Ellipsis, X } from "lucide-react";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import type { Ref } from "react";

import { useCommand } from "../../api/client";
import { useSettings } from "../../api/settings";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { Button, IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { Menu } from "../../components/menu";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { nameOf } from "../library/item";
import { ItemMenuItems } from "../library/item-menu";
import { Marks } from "../marks/marks";
import { Notes, State, Title } from "./about";
import { Actions } from "./actions";
import { Beside } from "./beside";
import { Description } from "./description";
import { Facts, Places } from "./facts";
import { Header } from "./header";
import { Hero } from "./hero";
import { History } from "./history";
import { Section } from "./section";
import { TriggerWords } from "./trigger-words";

// Held arrow keys pass many rows; details are asked for where they stop.
const rest = 70;

function useRested(id: number): number {
  const [rested, setRested] = useState(id);
  useEffect(() => {
    const timer = setTimeout(() => setRested(id), rest);
    return () => clearTimeout(timer);
  }, [id]);
  return useDeferredValue(rested);
}

const onPicture = "absolute top-2.5 size-7 bg-scrim text-on-scrim hover:bg-[#000000e0] hover:text-on-scrim";

export function Inspector({
  id,
  known,
  onClose,
  onShow,
  onTrashed,
  className,
  phone,
  ref,
}: {
  id: number;
  /** The row as the list has it: shown at once, before the details are there. */
  known: LibraryItem | null;
  onClose: () => void;
  onShow: (id: number) => void;
  onTrashed: () => void;
  className: string;
  phone: boolean;
  ref: Ref<HTMLElement>;
}) {
  const rested = useRested(id);
  const query = useCommand("library_item", { id: rested }, { enabled: rested === id });
  const detail = query.data?.item.id === id ? query.data : undefined;
  // The list may turn to other rows before the details are there: what was shown stays, and what is open on it.
  const [last, setLast] = useState(known);
  const item = detail?.item ?? known ?? (last?.id === id ? last : null);
  if (item !== null && item !== last) setLast(item);
  const settings = useSettings();
  const more = useRef<HTMLButtonElement>(null);
  const [failure, setFailure] = useState<{ id: number; error: unknown } | null>(null);

  return (
    <aside
      ref={ref}
      tabIndex={-1}
      aria-label={text.inspector.label}
      className={cx("flex min-h-0 shrink-0 animate-appear flex-col overflow-y-auto border-line bg-panel outline-none", className)}
    >
      <div className="sticky top-0 z-10 h-0">
        <IconButton
          label={phone ? text.inspector.back : text.inspector.close}
          onClick={onClose}
          className={cx(onPicture, phone ? "left-2.5" : "right-2.5")}
        >
          {phone ? <ArrowLeft aria-hidden size={16} /> : <X aria-hidden size={15} />}
        </IconButton>
        {item && (
          <Menu
            label={text.fileActions.menu(nameOf(item))}
            align="end"
            trigger={
              <IconButton ref={more} label={text.fileActions.menu(nameOf(item))} className={cx(onPicture, phone ? "right-2.5" : "right-11")}>
                <Ellipsis aria-hidden size={16} />
              </IconButton>
            }
          >
            <ItemMenuItems
              item={item}
              onError={(error) => setFailure({ id, error })}
              onClosed={() => more.current?.focus()}
              onTrashed={onTrashed}
            />
          </Menu>
        )}
      </div>
      {item ? (
        <>
          <Hero key={item.id} item={item} previews={detail?.previews ?? null} settings={settings.data} />
          <div className="flex flex-col gap-4 px-4 pt-3.5 pb-6">
            <Title item={item} />
            <State item={item} />
            <Notes item={item} />
            <Actions item={item} civitaiUrl={detail?.civitai_url ?? null} lookUp={settings.data?.look_up ?? true} />
            {failure?.id === item.id && (
              <Notice tone="bad">
                <ErrorWords error={failure.error} />
              </Notice>
            )}
            <Marks key={`marks ${item.id}`} item={item} note={detail?.note ?? null} />
            {query.isError && (
              <Notice
                tone="bad"
                action={
                  <Button small onClick={() => void query.refetch()}>
                    {text.common.retry}
                  </Button>
                }
              >
                <ErrorWords error={query.error} />
              </Notice>
            )}
            <TriggerWords item={item} sidecars={detail?.sidecars} />
            <Facts item={item} detail={detail} />
            {detail && <Beside sidecars={detail.sidecars} />}
            {detail && <History answers={detail.answers} />}
            <Places item={item} detail={detail} onShow={onShow} />
            {detail?.version_description != null && (
              <Description title={text.inspector.aboutVersion} html={detail.version_description} />
            )}
            {detail?.model_description != null && (
              <Description title={text.inspector.about} html={detail.model_description} />
            )}
            {detail && detail.tags.length > 0 && (
              <Section title={text.inspector.tags}>
                <p className="text-sm text-dim wrap-anywhere select-text">{visible(detail.tags.join(", "))}</p>
              </Section>
            )}
            {detail?.header && <Header header={detail.header} />}
          </div>
        </>
      ) : query.isError ? (
        <div className="p-4 pt-12">
          <Notice tone="bad">
            <ErrorWords error={query.error} />
          </Notice>
        </div>
      ) : (
        <div role="status" aria-label={text.common.loading}>
          <div className="aspect-[4/3.4] animate-breathe bg-raised" />
          <div className="flex flex-col gap-3 p-4">
            <div className="h-4 w-4/5 rounded bg-raised" />
            <div className="h-3 w-1/2 rounded bg-raised" />
          </div>
        </div>
      )}
    </aside>
  );
}
