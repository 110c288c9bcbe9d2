/** The name of the map of sessions on the members. */
export const sessionsMap = 'sluice.sessions';
