import type { OperatorAction } from '../../src/saga/command.ts';
import type { SagaState } from '../../src/saga/state.ts';
import { Tale } from './tale.ts';
import type { View } from './view.ts';

export interface Order {
  action: OperatorAction;
  step: string | null;
  input?: Record<string, unknown> | undefined;
  /** It must be answered with a 409. */
  refused?: boolean;
}

/** What somebody does to the saga. */
export type Act = 'decide' | 'cancel' | 'terminate' | Order;

/** What must be seen of the saga before somebody acts; `events`: where they are certain. */
export interface Stop {
  view: Omit<View, 'events'> & Partial<View>;
  act: Act;
}

/** What is to be seen and to be done, while the tale goes on. */
export class Script {
  readonly tale = new Tale();
  readonly stops: Stop[] = [];

  stop(state: SagaState, act: Act) {
    this.stops.push({ view: this.tale.seen(state), act });
  }

  /** The saga is parked, and the operator is obeyed. */
  order(order: Order) {
    this.stop('parked', order);
    this.#taken(order);
  }

  /** As the first order after the end of the workflow; its unwinder alerts, and may have been started by the sweep. */
  orderUnwinder(order: Order) {
    const { events, ...view } = this.tale.seen('parked');
    this.stops.push({ view, act: order });
    this.tale.happens('alert null null');
    this.#taken(order);
  }

  #taken({ action, step, refused }: Order) {
    this.tale.happens(`operator ${action} ${step}`);
    if (refused) this.tale.happens('ignored-signal');
  }
}
