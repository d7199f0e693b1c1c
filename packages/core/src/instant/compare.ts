/**
 * The one comparison of instant matching: clients use it to decide whom to claim, the server to verify a claim. Pure, and
 * without any import that runs, so that a browser can load it as it is.
 */

/** What a user says of itself, by field. */
export type UserData = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What a user asks of the other, by field. All that is given must hold. */
export interface FieldPreference {
  readonly oneOf?: readonly string[];
  readonly anyOf?: readonly string[];
  readonly allOf?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly is?: boolean;
}
export type UserPreferences = Readonly<Record<string, FieldPreference>>;

export interface UserProfile {
  readonly user_data: UserData;
  readonly user_preferences: UserPreferences;
}

/**
 * Whether preferences hold for somebody's data. A field that is asked for and not told doesn't hold: who wants to be found
 * by it must tell it. Without preferences everybody is accepted.
 */
export const accepts = (preferences: UserPreferences, data: UserData): boolean =>
  Object.entries(preferences).every(([field, preference]) =>
    holds(preference, Object.hasOwn(data, field) ? data[field] : undefined),
  );

/** Whether both accept each other. Symmetric. */
export const fits = (one: UserProfile, other: UserProfile): boolean =>
  accepts(one.user_preferences, other.user_data) && accepts(other.user_preferences, one.user_data);

const holds = ({ oneOf, anyOf, allOf, min, max, is }: FieldPreference, told: UserData[string] | undefined): boolean => {
  if (told === undefined) return false;
  if (is !== undefined && told !== is) return false;
  if (oneOf && !(typeof told === "string" && oneOf.includes(told))) return false;
  if ((min !== undefined || max !== undefined) && !isWithin(told, min, max)) return false;
  if (!anyOf && !allOf) return true;
  if (!isList(told)) return false;
  return (
    (!anyOf || anyOf.some((value) => told.includes(value))) && (!allOf || allOf.every((value) => told.includes(value)))
  );
};

const isWithin = (told: UserData[string], min = -Infinity, max = Infinity): boolean =>
  typeof told === "number" && told >= min && told <= max;

const isList = (told: UserData[string]): told is readonly string[] => Array.isArray(told);
