/** Header of the gateway's answer to an upgrade: the longest message it takes on that WebSocket, in bytes (`http.max_body`). */
export const maxBodyHeader = 'Sluice-Max-Body';
