/** The words of the account at Civitai. */
import type { KeptIn } from "../../bindings/KeptIn";

export const account = {
  title: "Account",
  lead: "For the vault, early access and downloads that Civitai gives to members only. Everything else works without.",
  key: "API key",
  signIn: "Sign in",
  signingIn: "Asking Civitai…",
  where: "Make a key at Civitai in the account settings, under API keys. It is sent to Civitai alone, and no more than its end is ever shown.",
  open: "Make a key at Civitai",
  keysPage: (server: string) => `${server.replace(/\/$/, "")}/user/account`,
  signedInAs: (name: string) => `Signed in as ${name}`,
  signedIn: "Signed in",
  name: "Name",
  tier: "Membership",
  none: "none",
  keyShown: "Key",
  hidden: "hidden",
  kept: "Kept in",
  keptIn: {
    keyring: "the system’s keyring",
    file: "a file that only you can read",
    environment: "the environment of this process",
  } satisfies Record<KeptIn, string>,
  environmentHint: "To sign out, remove the key from the environment Modeldock is started with.",
  readOnly: "Nobody is signed in. A key cannot be given here: this page may only look.",
  signOut: "Sign out",
  signedOut: "The key was forgotten",
  welcome: (name: string | null) => (name === null ? "Signed in" : `Signed in as ${name}`),
};
