import type { Change } from '../streams/change.js';
import type { NotificationReply } from '../streams/reply.js';

/** A change as both eras tell it. */
export const notificationOf = (change: Change): NotificationReply =>
  change.kind === 'list'
    ? { kind: 'notification', method: `notifications/${change.list}/list_changed`, params: {} }
    : { kind: 'notification', method: 'notifications/resources/updated', params: { uri: change.uri } };
