import { CloudOff, KeyRound, SearchX, TriangleAlert } from "lucide-react";

import { Button } from "../../components/button";
import { StateMessage } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { errorWords, WithCode } from "../../components/wire-error";
import { CommandError } from "../../platform";
import { text } from "../../text";

/** Nothing came of a question to Civitai: what failed, and what to do. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { message, hint } = errorWords(error);
  const code = error instanceof CommandError ? error.wire.code : null;
  const icon = code === "offline" ? CloudOff : code === "unauthorised" ? KeyRound : code === "not_found" ? SearchX : TriangleAlert;
  return (
    <StateMessage alert icon={icon} title={<WithCode>{message}</WithCode>} hint={hint === null ? undefined : <WithCode>{hint}</WithCode>}>
      {code === "unauthorised" && (
        <Button look="primary" onClick={() => goTo("settings/account")}>
          {text.discover.signIn}
        </Button>
      )}
      <Button onClick={onRetry}>{text.common.retry}</Button>
    </StateMessage>
  );
}
