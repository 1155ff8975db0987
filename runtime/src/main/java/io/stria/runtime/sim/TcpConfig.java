package io.stria.runtime.sim;

/**
 * What every host's TCP does.
 *
 * @param sendRingBytes each stream's send ring
 * @param windowBytes sent and not yet consumed by the peer's handler; 64 KiB at least
 * @param retransmitMinNs first wait after a loss; doubled each time
 * @param retransmitMaxNs the longest wait
 * @param giveUpNs after so long without an acknowledgement a connection ends with ETIMEDOUT
 * @param connectRetries of a SYN, one second after the first and then in doubled steps
 */
public record TcpConfig(
        int sendRingBytes,
        int windowBytes,
        long retransmitMinNs,
        long retransmitMaxNs,
        long giveUpNs,
        int connectRetries) {
    private static final long SECOND_NS = 1_000_000_000L;

    public TcpConfig {
        if (sendRingBytes <= 0 || windowBytes < SimulatedStream.OFFER_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "send ring of %d and window of %d bytes".formatted(sendRingBytes, windowBytes));
        }
    }

    /** The defaults of Linux: 924 seconds until a connection is given up, 127 for a connect. */
    public static TcpConfig linux() {
        return new TcpConfig(1 << 18, 1 << 18, SECOND_NS / 5, 120 * SECOND_NS, 924 * SECOND_NS, 6);
    }

    public TcpConfig withBuffers(int newSendRingBytes, int newWindowBytes) {
        return new TcpConfig(
                newSendRingBytes,
                newWindowBytes,
                retransmitMinNs,
                retransmitMaxNs,
                giveUpNs,
                connectRetries);
    }

    public TcpConfig withGiveUp(long ns) {
        return new TcpConfig(
                sendRingBytes, windowBytes, retransmitMinNs, retransmitMaxNs, ns, connectRetries);
    }

    /** The first retransmission after {@code nowNs} of what was first lost at {@code lostNs}. */
    long nextRetransmitNs(long lostNs, long nowNs) {
        long dueNs = lostNs;
        long waitNs = retransmitMinNs;
        do {
            dueNs += waitNs;
            waitNs = Math.min(2 * waitNs, retransmitMaxNs);
        } while (dueNs <= nowNs);
        return dueNs;
    }
}
