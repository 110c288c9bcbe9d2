import type { Change } from '../streams/change.js';
import type { NotificationReply } from '../streams/reply.js';

/** A change as both eras tell it. */
export const notificationOf = (change: Change): NotificationReply => {
  switch (change.kind) {
    case 'list':
      return { kind: 'notification', method: `notifications/${change.list}/list_changed`, params: {} };
    case 'task':
      return { kind: 'notification', method: 'notifications/tasks', params: change.task };
    case 'resource':
      return { kind: 'notification', method: 'notifications/resources/updated', params: { uri: change.uri } };
  }
};
