import { History } from "lucide-react";
import { useState } from "react";

import { useCommand } from "../../api/client";
import { LoadError } from "../../components/load-error";
import { LongList } from "../../components/long-list";
import { StateMessage } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { text } from "../../text";
import { Row } from "./row";

const words = text.activity;

/** What was done to files, newest first. */
export function ActivityPlace() {
  const activity = useCommand("activity_list", {});
  const now = useNow();
  const [main, setMain] = useState<HTMLElement | null>(null);
  return (
    <main ref={setMain} id="main" aria-label={words.title} className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none" tabIndex={-1}>
      <div className="mx-auto flex min-h-full max-w-3xl flex-col gap-5 px-6 py-6 phone:px-4">
        <div>
          <h1 className="text-xl font-semibold tracking-tight">{words.title}</h1>
          <p className="mt-0.5 text-dim">{words.lead}</p>
        </div>
        {activity.data !== undefined ? (
          activity.data.length === 0 ? (
            <StateMessage icon={History} title={words.empty} hint={words.emptyHint} />
          ) : (
            <section aria-label={words.list}>
              <LongList items={activity.data} scroller={main} usualHeight={104} row={(each) => <Row activity={each} now={now} />} />
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
        )}
      </div>
    </main>
  );
}
