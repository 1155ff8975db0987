package io.stria.systemtests.host;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** Linux's own NVMe/TCP initiator on a host, through nvme-cli and sysfs. */
public final class Initiator {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 50;

    private final KernelHost host;

    /**
     * One path to a subsystem as the host sees it.
     *
     * @param controller such as {@code nvme0}
     * @param state of the controller, such as {@code live} or {@code connecting}
     * @param ana {@code optimized}, {@code non-optimized}, {@code inaccessible}, ... of namespace
     *     1; {@code none} while it has none
     * @param address as in sysfs: {@code traddr=...,trsvcid=...}
     */
    public record PathState(String controller, String state, String ana, String address) {
        /** Such as {@code live optimized}. */
        public String states() {
            return state + " " + ana;
        }
    }

    public Initiator(KernelHost host) {
        this.host = host;
    }

    /**
     * Connects one path; further options as nvme-cli takes them, such as {@code
     * --ctrl-loss-tmo=-1}. Call again with other addresses for more paths.
     */
    public void connect(String nqn, String address, int port, String... options) {
        String line = "nvme connect -t tcp -a %s -s %d -n %s %s";
        host.run(line.formatted(address, port, nqn, String.join(" ", options)), LIMIT).orThrow();
    }

    /**
     * The block device of the subsystem's first namespace, such as {@code /dev/nvme0n1}, once it is
     * there.
     */
    public String device(String nqn) {
        String script =
                """
                for try in {1..500}; do
                    for s in /sys/class/nvme-subsystem/*; do
                        [[ $(<"$s/subsysnqn") == '%s' ]] || continue
                        for d in "$s"/nvme*n*; do
                            [[ $d =~ /(nvme[0-9]+n[0-9]+)$ && -b /dev/${BASH_REMATCH[1]} ]] || continue
                            echo "/dev/${BASH_REMATCH[1]}"
                            exit 0
                        done
                    done
                    sleep 0.05
                done
                nvme list-subsys >&2
                exit 1
                """;
        return host.run(script.formatted(nqn), LIMIT).orThrow().out().strip();
    }

    /** All paths to the subsystem, in the order of their controllers. */
    public List<PathState> paths(String nqn) {
        String script =
                """
                for c in /sys/class/nvme/nvme*; do
                    [[ $(<"$c/subsysnqn") == '%s' ]] || continue
                    ana=none
                    for n in "$c"/nvme*c*n*; do [[ ! -e $n/ana_state ]] || ana=$(<"$n/ana_state"); done
                    echo "${c##*/} $(<"$c/state") $ana $(<"$c/address")"
                done
                """;
        return host.run(script.formatted(nqn), LIMIT)
                .orThrow()
                .out()
                .lines()
                .map(line -> line.split(" ", 4))
                .map(word -> new PathState(word[0], word[1], word[2], word[3]))
                .toList();
    }

    /**
     * Waits until the paths to the subsystem are these, in any order: a host learns of changes
     * later, and one that has too little of a core loses a path now and then.
     *
     * @param what what of a path to look at
     */
    public void awaitPaths(String nqn, Function<PathState, String> what, List<String> wanted) {
        List<String> sorted = wanted.stream().sorted().toList();
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        List<String> seen = sorted(nqn, what);
        while (!seen.equals(sorted)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new HostException("paths are " + seen + ", not " + sorted);
            }
            host.awaitMillis(LOOK_MILLIS);
            seen = sorted(nqn, what);
        }
    }

    private List<String> sorted(String nqn, Function<PathState, String> what) {
        return paths(nqn).stream().map(what).sorted().toList();
    }

    /**
     * Resets a controller, such as {@code nvme0}. The kernel takes that from a live one alone, and
     * one that has lost its path for a moment is not: tries until it is taken.
     */
    public void reset(String controller) {
        String script =
                """
                until [[ $(</sys/class/nvme/%1$s/state) == live ]] && nvme reset /dev/%1$s; do
                    sleep 0.05
                done
                """;
        host.run(script.formatted(controller), LIMIT).orThrow();
    }

    /** Waits until more operations than these are under way at once, over all paths of the host. */
    public void awaitInFlight(int most) {
        String script =
                """
                while
                    sum=0
                    for paths in /sys/class/nvme/nvme*/nvme*n*/inflight; do
                        read -r reads writes <"$paths" && ((sum += reads + writes))
                    done
                    ((sum <= %d))
                do sleep 0.01; done
                """;
        host.run(script.formatted(most), LIMIT).orThrow();
    }

    /** Disconnects all paths to the subsystem. */
    public void disconnect(String nqn) {
        host.run("nvme disconnect -n " + nqn, LIMIT).orThrow();
    }
}
