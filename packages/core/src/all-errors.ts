import type { TLocalizedValidationError } from "typebox/error";
import { Settings } from "typebox/system";

/** Far more than a person would mend at once, but a bound. */
const MOST = 1_000;

/** Runs a check so that it reports every fault: TypeBox stops at eight by default, which suits requests, not files. */
export const allErrors = (check: () => TLocalizedValidationError[]): TLocalizedValidationError[] => {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MOST });
  try {
    return check();
  } finally {
    Settings.Set({ maxErrors });
  }
};
