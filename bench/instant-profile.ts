import type { UserProfile } from "@muster/core";

/** What a user of the instant bench says of itself, and asks for. */
export const instantProfile = (own: string, wanted: string): UserProfile => ({
  user_data: { group: own, about: "plays in the evening, likes long games" },
  user_preferences: { group: { oneOf: [wanted] } },
});
