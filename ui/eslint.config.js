import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const tauriOnlyInPlatform = {
  group: ["@tauri-apps/*"],
  message: "Only src/platform talks to the shell; ask `platform.capabilities` instead.",
};
const bindingsAreTypes = {
  group: ["**/bindings/*", "!**/bindings/commands"],
  allowTypeImports: true,
  message: "Bindings are types; only `commandTags` is a value.",
};
const onlyCommandTags = {
  group: ["**/bindings/commands"],
  importNamePattern: "^(?!commandTags$)",
  allowTypeImports: true,
  message: "Only `commandTags` is a value here; import the rest as types.",
};
const componentsKnowNoFeature = {
  group: ["**/features/*", "**/api/*"],
  message: "A component knows no feature.",
};

export default tseslint.config(
  { ignores: ["dist", "src/bindings", "node_modules", "test-results"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}", "vite.config.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        { patterns: [tauriOnlyInPlatform, bindingsAreTypes, onlyCommandTags] },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": false, "ts-ignore": true, "ts-nocheck": true }],
      // Numbers and booleans in templates read well and cannot go wrong.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `onClick={() => setOpen(true)}` is how handlers are written.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // The bindings are type aliases.
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
      "no-eval": "error",
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [hooks.configs.flat["recommended-latest"]],
    // The virtualizer is handed a new object on purpose; no compiler memoises this code.
    rules: { "react-hooks/incompatible-library": "off" },
  },
  {
    files: ["src/platform/**"],
    rules: {
      "@typescript-eslint/no-restricted-imports": ["error", { patterns: [bindingsAreTypes, onlyCommandTags] }],
    },
  },
  {
    files: ["src/components/**"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        { patterns: [tauriOnlyInPlatform, bindingsAreTypes, onlyCommandTags, componentsKnowNoFeature] },
      ],
    },
  },
  {
    files: ["scripts/**/*.mjs", "eslint.config.js"],
    languageOptions: {
      globals: { process: "readonly", console: "readonly", document: "readonly", window: "readonly", URL: "readonly", setTimeout: "readonly", getComputedStyle: "readonly" },
    },
  },
);
