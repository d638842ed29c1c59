// The rules for what runs in the browser, and for its tests, which run in Node.
import js from "@eslint/js"
import globals from "globals"

const rules = {
  ...js.configs.recommended.rules,
  complexity: ["error", 16], // it counts every `?.` and `??`,
  eqeqeq: ["error", "always", { null: "ignore" }],
  "max-len": ["error", { code: 110, ignoreTemplateLiterals: true }],
  "max-lines": ["error", 450],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  "no-implicit-globals": "error",
  "no-shadow": "error",
  "no-restricted-globals": ["error", "event", "name"],
  "no-unused-vars": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  quotes: ["error", "double", { avoidEscape: true }],
  semi: ["error", "never"],
}

const global = {
  selector: "AssignmentExpression > MemberExpression[object.name=/^(globalThis|window)$/]",
  message: "Modules share what they export, nothing global.",
}

export default [
  { ignores: ["**/node_modules/", ".venv/"] },
  {
    files: ["cnnlab/**/*.mjs"],
    ignores: ["**/*.test.mjs"],
    rules: { ...rules, "no-restricted-syntax": ["error", global] },
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["cnnlab/**/*.test.mjs", "tests/browser/*.mjs"],
    rules,
    languageOptions: { globals: globals.node },
  },
]
