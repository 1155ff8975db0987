package io.stria.runtime;

/**
 * Settings of one {@link Reactor}.
 *
 * @param name thread name, and how logs call it
 * @param cpu the CPU that the thread is pinned to, or {@link #ANY_CPU}
 * @param idle what to do when there is nothing to do
 * @param failure what to do with an exception that nobody caught
 */
public record ReactorConfig(String name, int cpu, IdleStrategy idle, FailureHandler failure) {
    public static final int ANY_CPU = -1;

    public ReactorConfig {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a reactor needs a name");
        }
        if (cpu < ANY_CPU || cpu >= 1 << 16) {
            throw new IllegalArgumentException("no such CPU: " + cpu);
        }
    }

    /** Unpinned, asleep when idle, halting the process on a failure. */
    public static ReactorConfig named(String name) {
        return new ReactorConfig(name, ANY_CPU, IdleStrategy.sleep(), FailureHandler.halt());
    }

    public ReactorConfig pinnedTo(int cpuIndex) {
        return new ReactorConfig(name, cpuIndex, idle, failure);
    }

    public ReactorConfig idling(IdleStrategy strategy) {
        return new ReactorConfig(name, cpu, strategy, failure);
    }

    public ReactorConfig failingTo(FailureHandler handler) {
        return new ReactorConfig(name, cpu, idle, handler);
    }
}
