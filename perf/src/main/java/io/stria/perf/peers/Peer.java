package io.stria.perf.peers;

import io.stria.perf.load.LoadResult;
import io.stria.perf.load.Workload;
import java.io.IOException;

/** Something that is measured. Between its turns it costs as little as it can. */
interface Peer extends AutoCloseable {
    String name();

    /** What is measured, in a few words: kind of volume, version. */
    String what();

    /** Starts it, and fills what is read later. */
    void start() throws IOException, InterruptedException;

    LoadResult measure(Workload work, double warmSeconds, double seconds)
            throws IOException, InterruptedException;

    /** It is a JVM: its compilers have to see each pattern before anything counts. */
    default boolean compiles() {
        return false;
    }

    /** System calls of the target for each IO; NaN if they cannot be counted. */
    default double callsPerIo(Workload work) throws IOException, InterruptedException {
        return Double.NaN;
    }

    /** Bytes that the JVM's reactor allocates for each IO; NaN if there is no JVM. */
    default double allocatedPerIo(Workload work) throws IOException, InterruptedException {
        return Double.NaN;
    }

    /** Bytes written to devices for each byte that the host wrote; NaN if nobody counts. */
    default double writtenPerByte(Workload work) throws IOException, InterruptedException {
        return Double.NaN;
    }

    @Override
    void close();
}
