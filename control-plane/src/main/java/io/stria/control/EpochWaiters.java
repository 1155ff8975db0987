package io.stria.control;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Who waits until this node knows an epoch: a reader must see the change it was just told of. */
final class EpochWaiters {
    private record Waiter(long epoch, long deadlineNs, Runnable then) {}

    private final List<Waiter> waiters = new ArrayList<>();

    void add(long epoch, long deadlineNs, Runnable then) {
        waiters.add(new Waiter(epoch, deadlineNs, then));
    }

    void poll(long nowNs, long epoch) {
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            if (epoch >= waiter.epoch || nowNs >= waiter.deadlineNs) {
                all.remove();
                waiter.then.run();
            }
        }
    }
}
