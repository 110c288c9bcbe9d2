import { sealer, type Secrets } from './sealer.js';

/** What is known of the call that a task was begun by. */
export interface TaskOrigin {
  /** The server's own name of the tool. */
  readonly tool: string | undefined;
  /** JSON paths of what the decision about the call wants masked in its result. */
  readonly mask: readonly string[] | undefined;
}

/** A task that lives on a server behind the gateway. */
export interface TaskRef extends Partial<TaskOrigin> {
  /** Whose it is: nobody else may ask for it. */
  readonly principalId: string;
  readonly server: string;
  /** The instance that made it; another may know it too. */
  readonly instance: string | undefined;
  /** The server's own id. */
  readonly taskId: string;
}

/** The ids under which clients know the tasks of servers: each says where its task is and whose it is. */
export interface TaskIds {
  seal(ref: TaskRef): string;
  /** Undefined for an id that was altered, made up, or given to another principal. */
  open(id: string, principalId: string): TaskRef | undefined;
}

/** Task ids that need no memory: sealed, readable for every instance that shares the secrets. They end with their tasks. */
export const taskIds = (secrets: Secrets): TaskIds => {
  const { seal, open } = sealer(secrets, 'sluice task id');
  return {
    seal: (ref) => seal({ ...ref }),
    open(id, principalId) {
      const ref = open(id) as unknown as TaskRef | undefined;
      return ref?.principalId === principalId ? ref : undefined;
    },
  };
};
