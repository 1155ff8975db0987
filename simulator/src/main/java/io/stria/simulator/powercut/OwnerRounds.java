package io.stria.simulator.powercut;

import java.util.Set;

/**
 * An owner at work for hosts, round after round: in the end all slots are in sync, every block
 * reads as what hosts were told, and all n+2 fragments agree.
 */
final class OwnerRounds {
    private OwnerRounds() {}

    /**
     * An assertion fails if a promise is broken, and says under which seed.
     *
     * @param machine is new, and closed when it ends
     */
    static void play(long seed, Machine machine, HostLines hosts, int rounds, Runnable round) {
        try (machine) {
            machine.format();
            machine.open(Set.of());
            machine.startOwner();
            machine.awaitServing();
            hosts.work(40);
            for (int i = 0; i < rounds; i++) {
                round.run();
            }
            end(machine, hosts);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "%s; seed %d, %s".formatted(e.getMessage(), seed, machine.volume().scheme()),
                    e);
        }
    }

    private static void end(Machine machine, HostLines hosts) {
        hosts.idle();
        machine.awaitInSync();
        long[] stampsRead = machine.readAll();
        for (int block = 0; block < stampsRead.length; block++) {
            hosts.expected().check(block, stampsRead[block]);
        }
        new StripeCheck(machine).run(stampsRead);
        hosts.checkGivenBack();
    }
}
