import { Observable, Subject } from 'rxjs';

/** Values that cost something to make, and are made only while somebody wants them. */
export interface OnDemand<T> {
  /** Hot: each subscriber hears what comes from now on. */
  readonly values$: Observable<T>;
  readonly isWanted: boolean;
  /** Gives a value to all who want it. Who takes it must be quick and must not throw. */
  tell(value: T): void;
}

/** @param turned told when the first has come who wants them, and when the last has gone */
export const onDemand = <T>(turned: (isWanted: boolean) => void = () => undefined): OnDemand<T> => {
  const values = new Subject<T>();
  return {
    values$: new Observable((subscriber) => {
      const isFirst = !values.observed;
      const subscription = values.subscribe(subscriber);
      if (isFirst) turned(true);
      return () => {
        subscription.unsubscribe();
        if (!values.observed) turned(false);
      };
    }),
    get isWanted() {
      return values.observed;
    },
    tell: (value) => values.next(value),
  };
};
