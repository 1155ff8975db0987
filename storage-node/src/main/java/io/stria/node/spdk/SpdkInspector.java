package io.stria.node.spdk;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkEngine;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Main class of a process that looks at devices through SPDK and changes nothing. One line for each
 * address: {@code STRIA <bytes> blank}, {@code STRIA <bytes> used} or {@code STRIA error
 * <sentence>}. Other lines are SPDK's.
 */
final class SpdkInspector {
    static final String MARK = "STRIA ";
    static final String BLANK = "blank";
    static final String USED = "used";
    static final String ERROR = "error ";

    private SpdkInspector() {}

    static void main(String[] addresses) throws IOException {
        List<SpdkAddress> devices = Arrays.stream(addresses).map(SpdkAddress::parse).toList();
        try {
            SpdkEngine engine =
                    SpdkStart.over(new NioEngine(NioConfig.DEFAULT, new Memory()), devices);
            devices.forEach(device -> say(look(engine, device)));
            engine.close();
        } catch (IOException e) {
            devices.forEach(device -> say(ERROR + e.getMessage()));
        }
        System.out.flush();
        Runtime.getRuntime().halt(0); // SPDK's threads are no reason to stay
    }

    private static void say(String words) {
        System.out.println("\n" + MARK + words);
    }

    private static String look(SpdkEngine engine, SpdkAddress address) {
        try {
            BlockFile file = engine.look(address);
            String[] outcome = {""};
            BlankScan.begin(
                    file,
                    (blank, errno) ->
                            outcome[0] =
                                    errno != 0
                                            ? ERROR + address + ": " + Errno.describe(errno)
                                            : file.sizeBytes() + " " + (blank ? BLANK : USED));
            while (outcome[0].isEmpty()) {
                if (engine.poll() == 0) {
                    engine.await(1_000_000);
                }
            }
            file.close();
            return outcome[0];
        } catch (IOException e) {
            return ERROR + e.getMessage();
        }
    }
}
