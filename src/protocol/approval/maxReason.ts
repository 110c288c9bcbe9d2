/** Most characters of a reason that a person gives. */
export const maxReason = 500;
