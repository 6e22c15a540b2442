import { History } from "lucide-react";

import { useCommand } from "../../api/client";
import { LoadError } from "../../components/load-error";
import { LongList } from "../../components/long-list";
import { Lead, Place } from "../../components/place";
import { StateMessage } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { text } from "../../text";
import { Row } from "./row";

const words = text.activity;

/** What was done to files, newest first. */
export function ActivityPlace() {
  const activity = useCommand("activity_list", {});
  const now = useNow();
  return (
    <Place title={words.title} lead={<Lead>{words.lead}</Lead>}>
      {(scroller) =>
        activity.data !== undefined ? (
          activity.data.length === 0 ? (
            <StateMessage icon={History} title={words.empty} hint={words.emptyHint} />
          ) : (
            <section aria-label={words.list}>
              <LongList items={activity.data} scroller={scroller} usualHeight={104} row={(each) => <Row activity={each} now={now} />} />
            </section>
          )
        ) : activity.isError ? (
          <LoadError error={activity.error} onRetry={() => void activity.refetch()} />
        ) : (
          <div role="status" aria-label={text.common.loading} className="flex flex-col gap-2">
            {[0, 1, 2].map((row) => (
              <div key={row} className="h-20 animate-breathe rounded-xl bg-raised" />
            ))}
          </div>
        )
      }
    </Place>
  );
}
