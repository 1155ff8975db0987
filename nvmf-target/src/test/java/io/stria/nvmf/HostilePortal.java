package io.stria.nvmf;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a hostile host connects.
 *
 * @param nqn the subsystem it asks for
 */
record HostilePortal(Kind kind, InetSocketAddress address, String nqn) {
    enum Kind {
        /** A volume that is nobody's: anything may be done to it. */
        VOLUME(Stage.AWAITING_DATA),
        /** A volume that others use: what a host may do who has connected is not hostile. */
        WATCHED(Stage.ENABLED),
        DISCOVERY(Stage.ENABLED),
        /** A device, which only members of the cluster may reach: it is asked for a proof. */
        PEER(Stage.CONNECTED);

        private final Stage last;

        Kind(Stage last) {
            this.last = last;
        }

        /** The stages that a host can reach there. */
        int stages() {
            return last.ordinal() + 1;
        }
    }

    /** From {@code KIND,ADDRESS,PORT,NQN}. */
    static HostilePortal parse(String text) {
        String[] part = text.split(",", 4);
        InetAddress address = InetAddress.ofLiteral(part[1]);
        return new HostilePortal(
                Kind.valueOf(part[0]),
                new InetSocketAddress(address, Integer.parseInt(part[2])),
                part[3]);
    }
}
